"""Code on a slide: which lines of an excerpt, of a page's block or of a file, how large, and which are highlighted."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from workshop.base.problems import CommandFailed
from workshop.base.stages import stage
from workshop.maintaining.documents.excerpts import HERE
from workshop.maintaining.documents.sections import section
from workshop.maintaining.site import colours

GAP = "…"
SIZES = (34, 31, 28, 26, 24)  # of code
WIDTH_OF_A_LETTER = 0.61
WIDEST = 1100  # pixels for a line of code
HANGING = 4  # columns by which the rest of a wrapped line is indented, as in talk.css
LINE_HEIGHT = 1.32
HIGHEST = 420  # pixels that code may take: the heading and the caption are above it
# Where a long line may go on in the next row, the best place first: after a comma, or before one of these words.
BEGINNINGS = [
    re.compile(words) for words in (r"(?<=, )", r"(?:for|if|else) ", r"(?:and|or|==|!=|[<>]=?) ", r"[-+*/|] ")
]
PIECE = re.compile(r"<[^>]*>|&[^;]+;|.")  # of coloured code: a tag, or one character
LEADING = re.compile(r"^(<i [^>]*>)? +")  # talk.css indents instead, so that a line never begins with an empty one
Given = Mapping[str, Any]


@dataclass(frozen=True)
class Listing:
    """Lines of code with the name of their source. `marked` are the numbers of the lines that the notes speak of."""

    caption: str
    file: str
    lines: Sequence[str]
    marked: frozenset[int]

    def size(self) -> int:
        """The largest font size, in pixels, at which the code fits onto a slide and breaks its lines as the smallest does."""

        def wrapped(size: int) -> list[str]:
            return [line for line in self.lines if len(line) > _columns(size)]

        def broken(size: int) -> list[list[int]]:
            return [breaks(line, _columns(size)) for line in self.lines]

        def fits(size: int) -> bool:
            widest = max(_indent(line) + len(word) for line in self.lines for word in line.split() or [""])
            is_high = self.rows(size) * size * LINE_HEIGHT > HIGHEST
            is_as_smallest = all(way(size) == way(SIZES[-1]) for way in (wrapped, broken))
            return widest + HANGING <= _columns(size) and is_as_smallest and not is_high

        return next(filter(fits, SIZES), SIZES[-1])

    def rows(self, size: int, widest: int = WIDEST) -> int:
        """How many rows the code takes in a font of that size."""
        columns = _columns(size, widest)
        return sum(
            1 + max(len(breaks(line, columns)), (len(line) - 1) // (columns - HANGING) if len(line) > columns else 0)
            for line in self.lines
        )

    def is_wider_than(self, size: int, widest: int) -> bool:
        """Whether a line does not fit into that many pixels."""
        return any(len(line) > _columns(size, widest) for line in self.lines)

    def html(self, click: int, size: int, widest: int = WIDEST) -> str:
        """The code in a font of that size; the marked lines are highlighted at that click, counted from 0."""
        coloured = colours.lines(self.file, "\n".join(self.lines))
        shown = []
        for at, (code, line) in enumerate(zip(coloured, self.lines, strict=True)):
            kind = f'class="l mark fragment custom" data-fragment-index="{click}"' if at in self.marked else 'class="l"'
            broken = _broken(code, breaks(line, _columns(size, widest)))
            unindented = LEADING.sub(r"\1", broken) or " "
            shown.append(f'<span {kind} style="--i:{_indent(line)}">{unindented}</span>')
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        pre = f'<pre style="font-size:{size}px"><code>{"".join(shown)}</code></pre>'
        return f'<figure class="code">{caption}{pre}</figure>'


def listing(given: Given, root: Path) -> Listing:
    """The lines of an excerpt, of a page's block, or of a file at a stage; only those to `keep`."""
    name, file, all_lines = _source(given, root)
    kept = _kept(all_lines, given.get("keep", []), f"{file} at {name}" if name else file)
    text = textwrap.dedent("\n".join("" if line == GAP else line for line in kept)).split("\n")
    shown = [GAP if line == GAP else plain.rstrip() for line, plain in zip(kept, text, strict=True)]
    marked = frozenset(place_of(shown, mark, "highlight") for mark in given.get("mark", []))
    caption = f"{file} at {name}" if name and name != HERE else file if name else ""
    return Listing(caption, file, shown, marked)


def _source(given: Given, root: Path) -> tuple[str, str, Sequence[str]]:
    """A listing's stage, its file, and all of its lines."""
    if "source" in given:
        name, file = given["source"].split()
        source = (root if name == HERE else stage(name, root).folder) / file
        if not source.is_file():
            raise CommandFailed(f"there is no file {file} at {name}")
        return name, file, source.read_text(encoding="utf-8").splitlines()
    part = section(given["page"], given["section"], root)
    if "excerpt" in given:
        found = part.excerpt(given["excerpt"])
        return found.stage, found.file, [GAP if line.strip() in (GAP, f"# {GAP}") else line for line in found.block]
    return "", given.get("like", "block.py"), part.block(given["block"])


def _kept(all_lines: Sequence[str], pieces: Sequence[Sequence[str]], where: str) -> list[str]:
    """The lines of each piece, from the line with its first words to the line with its last, and a gap between them."""
    if not pieces:
        return list(all_lines)
    kept: list[str] = []
    done = 0
    for piece in pieces:
        first = done + place_of(all_lines[done:], piece[0], f"line in {where}")
        last = first + place_of(all_lines[first:], piece[-1], f"line in {where}")
        kept += [GAP] if kept and first > done else []
        kept += all_lines[first : last + 1]
        done = last + 1
    return kept


def breaks(line: str, columns: int) -> list[int]:
    """The spaces at which a long line goes on in the next row: the outermost first."""
    places: list[tuple[int, int, int]] = []
    depth, quote = 0, ""
    for at, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == " " and line[:at].strip():
            kinds = [kind for kind, words in enumerate(BEGINNINGS) if words.match(line, at + 1)]
            places += [(depth, kind, -at) for kind in kinds[:1]]
    found: list[int] = []
    begin, room = 0, columns
    while len(line) - begin > room:
        fitting = [place for place in places if begin < -place[2] <= begin + room]
        if not fitting:
            break
        found.append(-min(fitting)[2])
        begin, room = found[-1] + 1, columns - _indent(line) - HANGING
    return found


def _broken(code: str, places: Sequence[int]) -> str:
    """Coloured code with a line feed instead of each of those spaces."""
    pieces, at = [], 0
    for piece in PIECE.findall(code):
        pieces.append("\n" if at in places and piece == " " else piece)
        at += not piece.startswith("<")
    return "".join(pieces)


def _columns(size: int, widest: int = WIDEST) -> int:
    return int(widest / (size * WIDTH_OF_A_LETTER))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def place_of(shown: Sequence[str], words: str, what: str) -> int:
    """The number of the first text that contains the words. Raises CommandFailed."""
    found = next((at for at, text in enumerate(shown) if words in text), None)
    if found is None:
        raise CommandFailed(f"there is no {what} with {words!r}")
    return found
