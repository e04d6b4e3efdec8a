"""A page as the checks read it: its fenced blocks, and its text outside them. Its links and commands lead somewhere."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.commands import ALL, DEV, places
from workshop.base.doctor import text_of
from workshop.base.problems import Problem

PAGES = ("*.md", "docs/**/*.md", "steps/**/*.md", "tests/*/README.md", "exercises/*/*.md", "solutions/*/*.md")
LONGEST_LINE = 120
BLOCK = re.compile(r"^[ \t]*(?P<fence>`{3,})[^`\n]*\n(?P<inside>.*?)^[ \t]*(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
COMMAND = re.compile(r"(?:^|`)(make|\./ws(?: +dev)?) +([a-z][a-z-]*)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its fence, the number of its first line, counted from 1, and its lines."""

    fence: str
    first: int
    lines: list[str]


class Page:
    """The text of a page, and its blocks by the line of their fence, from 1.

    `plain` has an empty line for each line of a block, so that line numbers stay.
    """

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.plain = BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text).splitlines()
        self.blocks: dict[int, Block] = {}
        for found in BLOCK.finditer(text):
            fence = text.count("\n", 0, found.start()) + 1
            self.blocks[fence] = Block(found["fence"], fence + 1, found["inside"].splitlines())

    def marked(self, mark: str) -> Iterator[tuple[int, str, Block | None]]:
        """Each comment that begins with `mark:`, its line, and the block that follows it directly, if there is one."""
        for number, line in enumerate(self.plain, start=1):
            if re.match(rf"<!--\s*{mark}:", line.strip()):
                below = (later for later in range(number, len(self.lines)) if self.lines[later].strip())
                yield number, line.strip(), self.blocks.get(next(below, -2) + 1)

    @property
    def anchors(self) -> set[str]:
        """The anchors of the headings, as hosting sites make them: `### Same rule (`x`)` is `#same-rule-x`."""
        headings = (line.lstrip("#").strip() for line in self.plain if re.match("#{1,6} ", line))
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def pages(root: Path) -> list[Path]:
    """The pages of the repository, as paths in it."""
    return sorted({path.relative_to(root) for pattern in PAGES for path in root.glob(pattern)})


def long_lines(root: Path, path: Path) -> Iterator[Problem]:
    """A problem for each long line of text; tables, blocks and comments may have longer lines."""
    for number, line in enumerate(Page((root / path).read_text(encoding="utf-8")).plain, start=1):
        if len(COMMENT.sub("", line)) > LONGEST_LINE and not line.startswith("|"):
            yield Problem(path, number, f"has more than {LONGEST_LINE} characters")


def dead_ends(root: Path, path: Path) -> Iterator[Problem]:
    """A problem for each link and each command of a page that leads nowhere."""
    page = Page((root / path).read_text(encoding="utf-8"))
    for number, line in enumerate(page.plain, start=1):
        for file, anchor in LINK.findall(line):
            target = root / path.parent / file if file else root / path
            if not target.exists():
                yield Problem(path, number, f"the link {file} leads nowhere")
            elif anchor and anchor not in Page(target.read_text(encoding="utf-8")).anchors:
                yield Problem(path, number, f"there is no heading #{anchor} in {file or 'this page'}")
    explained = re.findall(r"^([a-z][a-z0-9-]*):.*## ", text_of(root / "Makefile"), re.MULTILINE)
    known = {"make": explained, "./ws": [*places(ALL)], "./ws dev": [*places(DEV)]}
    for number, line in enumerate(page.lines, start=1):
        for program, name in COMMAND.findall(line):
            if name not in known[" ".join(program.split())]:
                yield Problem(path, number, f"there is no command {program} {name}")


def no_dead_ends(root: Path = ROOT) -> Iterator[Problem]:
    """The same for every page of the repository."""
    for path in pages(root):
        yield from dead_ends(root, path)


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"the links and commands of every page exist": no_dead_ends}
