"""The pages of the book: which files, under which heading, and the copy of them that Sphinx reads.

No page is edited for the site. The contents, the home page and the page of figures are the site's own, in `book/`.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from workshop import ROOT
from workshop.base.files import tracked
from workshop.maintaining.documents import figures
from workshop.maintaining.documents.excerpts import DOCUMENTS
from workshop.maintaining.scorecard import report as scorecard

BOOK = Path(__file__).parent / "book"
LINKED = (Path("LICENSE"),)
PAGES = (*DOCUMENTS, "exercises/*/README.md", "signs/README.md", "tests/*/README.md")
HOME, EVIDENCE = "index", "evidence"
CONTENTS = "<!-- contents -->"


@dataclass(frozen=True)
class Chapter:
    """Pages under one heading of the contents, in the order of their patterns. A page belongs to the first that names it."""

    title: str
    patterns: Sequence[str]


CHAPTERS = (
    Chapter("Start here", ("README.md", "docs/tour.md", "docs/glossary.md")),
    Chapter("The migration", ("steps/README.md", "steps/[01]*/README.md", "docs/after.md")),
    Chapter(
        "The scorecard", ("docs/when.md", "steps/requests/README.md", "steps/requests/*.md", "steps/requests/*/*.md")
    ),
    Chapter("Practise", ("exercises/*/README.md",)),
    Chapter("Your own project", ("docs/signs.md", "docs/monday.md", "docs/patterns/*", "signs/README.md")),
    Chapter("Give it, run it", ("docs/facilitating.md", "docs/by-hand.md", "docs/running.md")),
    Chapter("Change it", ("CONTRIBUTING.md", "docs/maintaining.md", "docs/testing.md", "tests/*/README.md")),
    Chapter("The steps, file by file", ("steps/*/tree.md",)),
    Chapter("More", ("*",)),  # a new page has a place from its first day
)


def pages(root: Path = ROOT) -> list[Path]:
    """The pages of the book, as paths in the repository."""
    return sorted({path.relative_to(root) for pattern in PAGES for path in root.glob(pattern)})


def chapters(root: Path = ROOT) -> Iterator[tuple[str, list[Path]]]:
    """Each chapter that has pages, in the order of the contents."""
    left = pages(root)
    for chapter in CHAPTERS:
        found = []
        for pattern in chapter.patterns:
            found += [path for path in left if path not in found and fnmatch(path.as_posix(), pattern)]
        left = [path for path in left if path not in found]
        if found:
            yield chapter.title, found


def stage(folder: Path, root: Path = ROOT) -> None:
    """Copies the pages, and the files of the repository next to them that a link may lead to, into an empty folder."""
    wanted = set(pages(root))
    beside = {page.parent for page in wanted if page.parts[0] == "steps"}
    for path in [*wanted, *LINKED, *(path for path in tracked(root) if _is_beside(path, beside))]:
        if (root / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, folder / path)
    for name in ("_static", "_templates"):
        shutil.copytree(BOOK / name, folder / name)
    shutil.copyfile(BOOK / "conf.py", folder / "conf.py")
    home = (BOOK / "home.md").read_text(encoding="utf-8")
    (folder / f"{HOME}.md").write_text(home.replace(CONTENTS, contents(root)), encoding="utf-8")
    evidence = (BOOK / "evidence.md").read_text(encoding="utf-8")
    filled = scorecard.filled(figures.filled(evidence, root), root)
    (folder / f"{EVIDENCE}.md").write_text(filled, encoding="utf-8")


def contents(root: Path = ROOT) -> str:
    """The contents as hidden toctrees of Sphinx: the sidebar and the order of previous and next come from them."""
    parts = []
    for title, listed in chapters(root):
        names = [f"/{path.with_suffix('').as_posix()}" for path in listed]
        if title == CHAPTERS[1].title:
            names.append(f"/{EVIDENCE}")
        parts.append("\n".join(["```{toctree}", ":hidden:", f":caption: {title}", "", *names, "```"]))
    return "\n\n".join(parts)


def _is_beside(path: Path, folders: set[Path]) -> bool:
    """Whether a file is a picture or a patch of a step, which its page may show or link to."""
    return path.suffix in {".svg", ".png", ".patch", ".py"} and any(folder in path.parents for folder in folders)
