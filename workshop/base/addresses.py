"""The addresses of the site, as its pages and the terminal name them.

A place in the Road is `road/index.html#stage=step-04&file=webhooks/views.py&line=88-103`. `stage` alone is needed. `from`
names the stage to compare with, the one before otherwise; `commit=2` is the second commit of the step instead of all.
"""

from pathlib import PurePosixPath
from urllib.parse import quote

ROAD = "road/index.html"
TWINS = "twins/index.html"
QUESTIONS = "questions/index.html"


def in_road(stage: str, file: str = "", lines: str = "", *, since: str = "", commit: int = 0) -> str:
    """The address of a place in the Road, from the top of the site. `lines` is `88` or `88-103`."""
    parts = {"stage": stage, "from": since, "commit": str(commit or ""), "file": file, "line": lines}
    return f"{ROAD}#" + "&".join(f"{name}={quote(value)}" for name, value in parts.items() if value)


def of_page(page: str) -> str:
    """The address of a page of the book, from the top of the site: `docs/tour.md` is `docs/tour.html`."""
    return PurePosixPath(page).with_suffix(".html").as_posix()


def up(page: str) -> str:
    """What leads from a page, such as `docs/tour.md`, to the top of the site."""
    return "../" * page.count("/")


def excerpt_anchor(number: int) -> str:
    """The anchor of an excerpt on its page; they are counted from 1."""
    return f"excerpt-{number}"
