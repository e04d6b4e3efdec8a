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
from itertools import groupby
from pathlib import Path

from workshop import ROOT
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed, Problem
from workshop.base.stages import stage
from workshop.maintaining.documents.markdown import Page

COMMENT = re.compile(r"<!-- code: (?P<stage>\S+) (?P<file>[^\s:]+)(?::(?P<lines>\d+-\d+(?:,\d+-\d+)*))? -->")
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
        self._root = root
        self._folders = {HERE: root}

    def lines(self, excerpt: Excerpt) -> list[str]:
        """The lines of an excerpt's file. Raises CommandFailed."""
        if excerpt.stage not in self._folders:
            self._folders[excerpt.stage] = stage(excerpt.stage, self._root).folder
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
    for line, comment, block in Page(text).marked("code"):
        named = COMMENT.fullmatch(comment)
        if not named:
            yield Problem(document, line, f"write it as <!-- code: STAGE FILE:FROM-TO -->, not {comment}")
        elif not block:
            yield Problem(document, line, "no fenced block follows this comment, or it does not end")
        else:
            pieces = [Lines(*map(int, part.split("-"))) for part in (named["lines"] or "").split(",") if part]
            yield Excerpt(document, line, named["stage"], named["file"], pieces, block.lines, block.first)


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
    differing = next((at for at, (line, code) in enumerate(zip(shown, aim, strict=False)) if line != code), None)
    if differing is not None:
        what = f"{excerpt.source} says there: {aim[differing].strip() or '(an empty line)'}"
        return Problem(excerpt.document, excerpt.first + differing, what)
    what = f"the block has {counted(len(shown), 'line')}, {excerpt.source} has {len(wanted)} there"
    return Problem(excerpt.document, excerpt.first + min(len(shown), len(aim)) - 1, what)


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
    shown = [_gap_or_line(line) for line in excerpt.block]
    pieces = [_dedented(list(piece)) for is_gap, piece in groupby(shown, GAP_LINE.__eq__) if not is_gap]
    if len(pieces) != shown.count(GAP_LINE) + 1:
        return []
    found = []
    for piece in pieces:
        starts = range(len(source) - len(piece) + 1)
        places = [at for at in starts if _dedented(source[at : at + len(piece)]) == piece]
        if len(places) != 1:
            return []
        found.append(Lines(places[0] + 1, places[0] + len(piece)))
    return found


def _gap_or_line(line: str) -> str:
    return GAP_LINE if GAP.fullmatch(line) else line


def _dedented(lines: Sequence[str]) -> list[str]:
    plain = textwrap.dedent("\n".join("" if line == GAP_LINE else line for line in lines)).split("\n")
    return [GAP_LINE if line == GAP_LINE else text for line, text in zip(lines, plain, strict=True)] if lines else []


def _listed(pieces: Sequence[Lines]) -> str:
    return ",".join(map(str, pieces)) or "the whole file"
