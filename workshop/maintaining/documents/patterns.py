"""docs/patterns/: every page has the same sections, proves its figures, fits on a screen and a half, and is in the index."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.problems import Problem
from workshop.maintaining.documents.markdown import COMMENT, Page, long_lines

FOLDER = Path("docs") / "patterns"
INDEX = "README.md"
CODE, TEST, COST = "The smallest code that works", "Its test", "What it costs"
COMMITS, PRACTICE = "Three commits", "Step and exercise"
SECTIONS = ("The sign", CODE, TEST, "The Django trap", COST, "When to leave it", COMMITS, PRACTICE)
MOST_LINES = 75
EXCERPT = re.compile(r"^<!-- code: ", re.MULTILINE)
MEASURED = re.compile(r"<!-- (?:figures?|run): ")
# What another check compares, or what is no figure: tables, numbers and blocks with their comments, code, links.
CHECKED = re.compile(
    r"<!-- figures: .*?<!-- end -->|<!-- figure: .*?<!-- / -->|<!-- (?:code|run): [^\n]*\n```.*?^```$|`[^`\n]+`|\[[^\]]*\]\([^)]*\)",
    re.DOTALL | re.MULTILINE,
)
ENTRY = re.compile(r"\]\(([a-z0-9-]+\.md)\)")


@dataclass(frozen=True)
class Section:
    """A section of a page: the line of its heading, counted from 1, and the text below it."""

    name: str
    line: int
    text: str


def patterns_are_whole(root: Path = ROOT) -> Iterator[Problem]:
    """Every pattern's page has the form that readers know, and the index names each page once."""
    pages = sorted(file.name for file in (root / FOLDER).glob("*.md") if file.name != INDEX)
    for name in pages:
        path = FOLDER / name
        text = (root / path).read_text(encoding="utf-8")
        yield from (Problem(path, line, what) for line, what in _form(text))
        yield from long_lines(root, path)
    yield from _index(root, pages)


def _form(text: str) -> Iterator[tuple[int, str]]:
    lines = text.splitlines()
    if not lines or not re.fullmatch("# [A-Z].+", lines[0]):
        yield 1, "the first line must be `# ` and the pattern's name"
    shown = [line for line in lines if not line.startswith(("<!--", "```"))]
    if len(shown) > MOST_LINES:
        yield len(lines), f"shows {len(shown)} lines; at most {MOST_LINES}, a screen and a half"
    found = list(_sections(text))
    if [section.name for section in found] != list(SECTIONS):
        yield 1, f"it needs these sections and no others, in this order: {', '.join(SECTIONS)}"
        return
    for section in found:
        yield from ((section.line, f"{section.name}: {what}") for what in _content(section))


def _content(section: Section) -> Iterator[str]:
    prose = COMMENT.sub("", CHECKED.sub("", section.text))
    if not section.text.strip():
        yield "says nothing"
    elif section.name in (CODE, TEST) and not EXCERPT.search(section.text):
        yield "needs an excerpt of this repository below a <!-- code: … --> comment"
    elif section.name == COST and not MEASURED.search(section.text):
        yield "needs a figure or a command's answer below a <!-- figure: … -->, <!-- figures: … --> or <!-- run: … -->"
    elif section.name == COST and (typed := re.search(r"\d+(?:[,.]\d+)*", prose)):
        yield f"{typed[0]} is typed by hand; let a comment or a command's answer say it"
    elif section.name == COMMITS and re.findall(r"^(\d+)\. ", section.text, re.MULTILINE) != ["1", "2", "3"]:
        yield "needs a list of three commits, numbered 1 to 3"
    elif section.name == PRACTICE:
        for folder in ("steps", "exercises"):
            if f"(../../{folder}/" not in section.text:
                yield f"needs a link into {folder}/"


def _index(root: Path, pages: Sequence[str]) -> Iterator[Problem]:
    path = FOLDER / INDEX
    if not (root / path).exists():
        yield Problem(path, 1, "is missing; it is the table from the pain to the pattern")
        return
    text = (root / path).read_text(encoding="utf-8")
    listed = [name for line in text.splitlines() if line.startswith("|") for name in ENTRY.findall(line)]
    for name in pages:
        if listed.count(name) != 1:
            yield Problem(path, 1, f"its table names {name} {listed.count(name)} times; name it once")


def _sections(text: str) -> Iterator[Section]:
    page = Page(text)
    starts = [at for at, line in enumerate(page.plain) if line.startswith("## ")]
    for at, end in zip(starts, [*starts[1:], len(page.lines)], strict=True):
        yield Section(page.lines[at].removeprefix("## ").strip(), at + 1, "\n".join(page.lines[at + 1 : end]))
