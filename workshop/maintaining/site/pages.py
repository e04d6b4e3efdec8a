"""The pages of the book: which files, under which heading, and the copy of them that Sphinx reads.

No page is edited for the site. The contents, the home page, the page of figures and the calculator are in `book/`.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

from workshop import ROOT
from workshop.base.files import tracked
from workshop.maintaining.bench import kept as bench
from workshop.maintaining.documents import figures
from workshop.maintaining.documents.excerpts import DOCUMENTS
from workshop.maintaining.scorecard import backlog
from workshop.maintaining.scorecard import report as scorecard

BOOK = Path(__file__).parent / "book"
LINKED = (Path("LICENSE"), Path("docs") / "pictures" / "terminal.svg")
PAGES = (*DOCUMENTS, "exercises/*/README.md", "signs/README.md", "tests/*/README.md")
OWN = {"The migration": "evidence", "The scorecard": "backlog"}  # pages of the site alone, each last in its chapter
CONTENTS = "<!-- contents -->"
FILLED = (figures.filled, scorecard.filled, bench.filled, backlog.filled)

# The pages under each heading, in the order of their patterns. A page belongs to the first chapter that names it.
CHAPTERS: Mapping[str, Sequence[str]] = {
    "Start here": ("README.md", "docs/tour.md", "docs/lab.md", "docs/glossary.md"),
    "The migration": ("steps/README.md", "steps/[01]*/README.md", "docs/after.md"),
    "The scorecard": ("docs/when.md", "steps/requests/README.md", "steps/requests/*.md", "steps/requests/*/*.md"),
    "Practise": ("docs/editor.md", "exercises/*/README.md"),
    "Your own project": ("docs/signs.md", "docs/monday.md", "docs/patterns/*", "signs/README.md"),
    "Give it, run it": ("docs/facilitating.md", "docs/by-hand.md", "docs/running.md"),
    "Change it": ("CONTRIBUTING.md", "docs/maintaining.md", "docs/testing.md", "tests/*/README.md"),
    "The steps, file by file": ("steps/*/tree.md",),
    "More": ("*",),  # a new page has a place from its first day
}


def pages(root: Path = ROOT) -> list[Path]:
    """The pages of the book, as paths in the repository."""
    return sorted({path.relative_to(root) for pattern in PAGES for path in root.glob(pattern)})


def chapters(root: Path = ROOT) -> Iterator[tuple[str, list[Path]]]:
    """Each chapter that has pages, in the order of the contents."""
    left = pages(root)
    for title, patterns in CHAPTERS.items():
        matching = [path for pattern in patterns for path in left if fnmatch(path.as_posix(), pattern)]
        left = [path for path in left if path not in matching]
        if matching:
            yield title, list(dict.fromkeys(matching))


def stage(folder: Path, root: Path = ROOT) -> None:
    """Copies the pages, and the files of the repository next to them that a link may lead to, into an empty folder."""
    wanted = set(pages(root))
    beside = {page.parent for page in wanted if page.parts[0] == "steps"}
    for path in [*wanted, *LINKED, *(path for path in tracked(root) if _is_beside(path, beside))]:
        if (root / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, folder / path)
    shutil.copytree(BOOK, folder, dirs_exist_ok=True)
    for name in ("index", *OWN.values()):
        text = (folder / f"{name}.md").read_text(encoding="utf-8").replace(CONTENTS, contents(root))
        for fill in FILLED:
            text = fill(text, root)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def contents(root: Path = ROOT) -> str:
    """The contents as hidden toctrees of Sphinx: the sidebar and the order of previous and next come from them."""
    parts = []
    for title, listed in chapters(root):
        names = [f"/{path.with_suffix('').as_posix()}" for path in listed]
        names += [f"/{OWN[title]}"] if title in OWN else []
        parts.append("\n".join(["```{toctree}", ":hidden:", f":caption: {title}", "", *names, "```"]))
    return "\n\n".join(parts)


def _is_beside(path: Path, folders: set[Path]) -> bool:
    """Whether a file is a picture or a patch of a step, which its page may show or link to."""
    return path.suffix in {".svg", ".png", ".patch", ".py"} and any(folder in path.parents for folder in folders)
