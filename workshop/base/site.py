"""The folder of the built site and the addresses in it. `make site` builds it, or it comes on a stick."""

from pathlib import Path

from workshop import ROOT
from workshop.base import clean
from workshop.base.problems import CommandFailed

FOLDER = clean.SITE
ON_THE_STICK = Path("offline") / "site"


def built(root: Path = ROOT) -> Path | None:
    """The folder of the site that was built here, else of the one from a stick; None if there is neither."""
    return next((root / folder for folder in (FOLDER, ON_THE_STICK) if (root / folder / "index.html").exists()), None)


def address(place: str, root: Path = ROOT) -> str:
    """The file:// address of a place in the site, such as `docs/tour.html#money`. Raises CommandFailed."""
    folder = built(root)
    if folder is None:
        raise CommandFailed("The site is not built here: make site. It needs the network once, for its packages.")
    file, mark, anchor = place.partition("#")
    if not (folder / file).exists():
        raise CommandFailed(f"The site has no page {file}. make site builds it again.")
    return (folder / file).resolve().as_uri() + mark + anchor
