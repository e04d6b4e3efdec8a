"""Makes the site: a folder that a browser opens without a server and without network.

What is there is replaced when all is complete: a build that fails leaves the site of before.
"""

import re
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workshop import ROOT
from workshop.base import environment, setup
from workshop.base.calls import Done, call, last_words
from workshop.base.problems import CommandFailed
from workshop.base.site import FOLDER
from workshop.maintaining import handout, twins
from workshop.maintaining.questions import page as questions
from workshop.maintaining.site import links, pages, road

LARGEST = 10_000_000  # bytes: it goes onto a stick, and through a room's network
UNUSED = (
    *("*.map", ".buildinfo", "objects.inv", "webpack-macros.html"),
    *("fontawesome.js*", "fa-brands-*", "fa-regular-*"),  # the book's icons are all in fa-solid
)
# What would load one of these files, by the kind of file.
LOADS = {
    "*.html": re.compile(r"<script [^>]*/fontawesome\.js[^>]*></script>"),
    "*theme.css": re.compile(r"@font-face\{[^}]*/fa-(brands|regular)-[^}]*\}"),
}


def build(target: Path = ROOT / FOLDER, root: Path = ROOT) -> Iterator[str]:
    """Builds the whole site, and says what it does. Raises CommandFailed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=target.parent) as made:
        source, site = Path(made) / "source", Path(made) / "site"
        source.mkdir()
        pages.stage(source, root)
        yield f"The book: {len(pages.pages(root))} pages"
        with ThreadPoolExecutor(1) as thread:  # Sphinx and the Road take one core each
            book = thread.submit(_sphinx, source, site)
            yield "The Road: every stage, and every two of them"
            road.write(site / "road", root)
            yield "The Twins"
            twins.pages(site, root)
            handout.write(site, root)
            questions.write(site, root)
        if book.result().returncode:
            said = (book.result().stdout + book.result().stderr).replace(f"{source}/", "")
            raise CommandFailed(f"Sphinx has not built the book:\n{last_words(said, 40)}")
        _tidy(site)
        if problems := list(links.problems(site)):
            raise CommandFailed("The site has links that lead nowhere:\n" + "\n".join(map(str, problems[:40])))
        size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
        if size > LARGEST:
            raise CommandFailed(f"The site has {size:,} bytes. At most {LARGEST:,} fit its purpose.")
        _put(site, target)
    yield f"{target / 'index.html'}: {size / 1e6:.1f} MB, no link to nowhere. ./ws open opens it."


def _sphinx(source: Path, site: Path) -> Done:
    """Runs Sphinx in a process of its own."""
    options = ["--builder=html", "--fail-on-warning", "--quiet", f"--doctree-dir={source.parent / 'doctrees'}"]
    alone = environment.made() | {"PYTHONPATH": str(ROOT)}  # for the extension, whose settings are in another folder
    return call([setup.interpreter(), "-m", "sphinx", *options, source, site], env=alone)


def _tidy(site: Path) -> None:
    """Removes what only a debugger or another Sphinx project reads, and the icons that no page shows."""
    for pattern in UNUSED:
        for file in site.rglob(pattern):
            file.unlink()
    for pattern, load in LOADS.items():
        for file in site.rglob(pattern):
            file.write_text(load.sub("", file.read_text(encoding="utf-8")), encoding="utf-8")


def _put(made: Path, target: Path) -> None:
    old = made.parent / "old"
    if target.exists():
        target.rename(old)
    made.rename(target)
