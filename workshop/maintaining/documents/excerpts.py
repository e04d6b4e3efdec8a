"""Code in the documents is the code itself: every excerpt names its lines, and they are compared.

An excerpt is a fenced block below a comment, in README.md, CONTRIBUTING.md, docs/ or steps/:

    <!-- code: step-04 webhooks/views.py:88-103 -->
    ```python
    …
    ```

The comment names a stage, or `.` for this repository, then a file in it, then lines counted from 1, the last included.
Without lines the block is the whole file. `:88-91,97-103` is two pieces; in the block a line with only `…` (or `# …`)
separates them. Indentation that all lines share may be left out.

`./ws dev excerpts` updates the line numbers if the lines have moved. If the lines have changed, you update the block.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed, Problem
from workshop.base.stages import stage

MARK = re.compile(r"<!--\s*code:")
COMMENT = re.compile(r"<!-- code: (?P<stage>\S+) (?P<file>[^\s:]+)(?::(?P<lines>\d+-\d+(?:,\d+-\d+)*))? -->")
FENCE = re.compile(r"(?P<ticks>`{3,})[^`]*")
GAP = re.compile(r"\s*(?:# ?)?…")
GAP_LINE = "…"
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "steps/**/*.md")
HERE = "."


@dataclass(frozen=True)
class Lines:
    """Lines of a file, counted from 1, the last included."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


@dataclass(frozen=True)
class Excerpt:
    """A block of a document and the source of its lines. Without `pieces` it is the whole file.

    `line` is the comment's own, `first` that of the block's first line.
    """

    document: Path
    line: int
    stage: str
    file: str
    pieces: Sequence[Lines]
    block: Sequence[str]
    first: int

    @property
    def source(self) -> str:
        return f"{self.file} at {self.stage}" if self.stage != HERE else self.file

    def comment(self, pieces: Sequence[Lines]) -> str:
        """The comment that names these lines."""
        lines = ":" + ",".join(map(str, pieces)) if pieces else ""
        return f"<!-- code: {self.stage} {self.file}{lines} -->"


class Sources:
    """The source files of the excerpts. Each stage is looked up once, which keeps a hundred excerpts fast."""

    def __init__(self, root: Path) -> None:
        self._folders = {HERE: root}
        self._root = root

    def lines(self, excerpt: Excerpt) -> list[str]:
        """The lines of an excerpt's file. Raises CommandFailed."""
        if excerpt.stage not in self._folders:
            try:
                self._folders[excerpt.stage] = stage(excerpt.stage, self._root).folder
            except CommandFailed as unknown:
                raise CommandFailed(str(unknown)) from None
        try:
            return (self._folders[excerpt.stage] / excerpt.file).read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, UnicodeDecodeError):
            raise CommandFailed(f"there is no text file {excerpt.source}") from None


def documents(root: Path = ROOT) -> list[Path]:
    """The documents that are checked, as paths in the repository."""
    return sorted({path.relative_to(root) for pattern in DOCUMENTS for path in root.glob(pattern)})


def excerpts_are_true(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each excerpt that differs from the code at its stage."""
    sources = Sources(root)
    for document in documents(root):
        for found in read(document, (root / document).read_text(encoding="utf-8")):
            if isinstance(found, Problem):
                yield found
            elif problem := _difference(found, sources):
                yield problem


def read(document: Path, text: str) -> Iterator[Excerpt | Problem]:
    """The excerpts of a document, and a problem for each marker that cannot be read."""
    lines = text.splitlines()
    for at in _outside_blocks(lines):
        line = lines[at]
        if not MARK.match(line.strip()):
            continue
        named = COMMENT.fullmatch(line.strip())
        if not named:
            yield Problem(document, at + 1, f"write it as <!-- code: STAGE FILE:FROM-TO -->, not {line.strip()}")
            continue
        found = block_below(lines, at + 1)
        if found is None:
            yield Problem(document, at + 1, "no fenced block follows this comment, or it does not end")
            continue
        pieces = [Lines(*map(int, part.split("-"))) for part in (named["lines"] or "").split(",") if part]
        yield Excerpt(document, at + 1, named["stage"], named["file"], pieces, *found)


def correct(root: Path = ROOT) -> Iterator[str]:
    """Writes the new numbers of moved lines into the documents; yields a line for each change."""
    sources = Sources(root)
    for document in documents(root):
        text = (root / document).read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        for found in read(document, text):
            if isinstance(found, Excerpt) and _difference(found, sources) and (pieces := _where_now(found, sources)):
                old, new = found.comment(found.pieces), found.comment(pieces)
                lines[found.line - 1] = lines[found.line - 1].replace(old, new)
                yield f"{document.as_posix()}:{found.line}: {found.file} {_listed(found.pieces)} is now {_listed(pieces)}"
        if (corrected := "".join(lines)) != text:
            (root / document).write_text(corrected, encoding="utf-8")


def _difference(excerpt: Excerpt, sources: Sources) -> Problem | None:
    try:
        wanted = _wanted(excerpt, sources.lines(excerpt))
    except CommandFailed as problem:
        return Problem(excerpt.document, excerpt.line, str(problem))
    shown = [_gap_or_line(line) for line in excerpt.block]
    if shown in (wanted, _dedented(wanted)):
        return None
    if now := _where_now(excerpt, sources):
        what = f"these lines of {excerpt.source} are {_listed(now)} now; ./ws dev excerpts writes the numbers"
        return Problem(excerpt.document, excerpt.line, what)
    aim = _dedented(wanted) if shown == _dedented(shown) else wanted
    differing = next((n for n, pair in enumerate(zip(shown, aim, strict=False)) if pair[0] != pair[1]), None)
    if differing is None:
        differing = min(len(shown), len(aim)) - 1
        what = f"the block has {counted(len(shown), 'line')}, {excerpt.source} has {len(wanted)} there"
    else:
        what = f"{excerpt.source} says there: {aim[differing].strip() or '(an empty line)'}"
    return Problem(excerpt.document, excerpt.first + differing, what)


def _wanted(excerpt: Excerpt, source: Sequence[str]) -> list[str]:
    if not excerpt.pieces:
        return list(source)
    wanted: list[str] = []
    for number, piece in enumerate(excerpt.pieces):
        if not 1 <= piece.first <= piece.last <= len(source):
            raise CommandFailed(f"{excerpt.source} has {counted(len(source), 'line')}, so no lines {piece}")
        wanted += [GAP_LINE] if number else []
        wanted += source[piece.first - 1 : piece.last]
    return wanted


def _where_now(excerpt: Excerpt, sources: Sources) -> list[Lines]:
    """The present place of the block's lines; empty if the file does not hold them exactly once."""
    try:
        source = sources.lines(excerpt)
    except CommandFailed:
        return []
    shown = _dedented([_gap_or_line(line) for line in excerpt.block])
    found, rest = [], shown
    while rest:
        piece = rest[: rest.index(GAP_LINE)] if GAP_LINE in rest else rest
        rest = rest[len(piece) + 1 :]
        places = [
            at
            for at in range(len(source) - len(piece) + 1)
            if _dedented(source[at : at + len(piece)]) == _dedented(piece)
        ]
        if not piece or len(places) != 1:
            return []
        found.append(Lines(places[0] + 1, places[0] + len(piece)))
    return found


def _outside_blocks(lines: Sequence[str]) -> Iterator[int]:
    """The lines outside fenced blocks: a marker inside a block is an example."""
    closing = ""
    for at, line in enumerate(lines):
        opened = FENCE.fullmatch(line.strip())
        if closing:
            closing = "" if line.strip() == closing else closing
        elif opened:
            closing = opened["ticks"]
        else:
            yield at


def block_below(lines: Sequence[str], at: int) -> tuple[list[str], int] | None:
    """The fenced block that begins at or below a line, and the number of its first line; None if there is none."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    opened = FENCE.fullmatch(lines[at].strip()) if at < len(lines) else None
    if not opened:
        return None
    closing = next((n for n in range(at + 1, len(lines)) if lines[n].strip() == opened["ticks"]), None)
    return None if closing is None else (list(lines[at + 1 : closing]), at + 2)


def _gap_or_line(line: str) -> str:
    return GAP_LINE if GAP.fullmatch(line) else line


def _dedented(lines: Sequence[str]) -> list[str]:
    plain = textwrap.dedent("\n".join("" if line == GAP_LINE else line for line in lines)).split("\n")
    return [GAP_LINE if line == GAP_LINE else text for line, text in zip(lines, plain, strict=True)] if lines else []


def _listed(pieces: Sequence[Lines]) -> str:
    return ",".join(map(str, pieces)) or "the whole file"
