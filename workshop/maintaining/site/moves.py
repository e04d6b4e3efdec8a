"""What differs between two commits, line by line, and which of these lines have only moved: git's own answer, read by machine.

`git diff --color-moved=blocks` gives each kind of line a colour of its own. A block counts as moved with 20 letters or digits
or more, and its indentation may have changed: `--color-moved-ws=allow-indentation-change`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workshop.base.git import Git
from workshop.walk.changes import DIFF

NOTHING = "/dev/null"
NOWHERE = ("", 0)
MOVED = "1;"  # git's own colours: red and green, and for a line that has moved bold magenta and bold cyan
OPTIONS = (
    *("--unified=0", "--color=always", "--ws-error-highlight=none"),
    *("--color-moved=blocks", "--color-moved-ws=allow-indentation-change"),
)
MARKED = re.compile(r"\x1b\[(1;35|1;36|31|32)m([-+])(.*)", re.DOTALL)
ESCAPE = re.compile(r"\x1b\[[\d;]*m")
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Line:
    """A line that was removed (`sign` is -) or added (+), its number in its own file, and whether it has only moved."""

    file: str
    number: int
    sign: str
    moved: bool
    text: str


@dataclass
class FileDiff:
    """A changed file. A file that is new or gone has /dev/null for the other name.

    A hunk is the first line and how many of the old file, then of the new one; a line before the first is 0.
    """

    old: str = ""
    new: str = ""
    hunks: list[list[int]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Piece:
    """Lines that have moved as one: `first` and `count` here, and the place where they begin on the other side."""

    first: int
    count: int
    file: str
    line: int


def diff(git: Git, old: str, new: str) -> list[FileDiff]:
    """The files whose lines differ between two commits."""
    return list(_files(git("diff", *DIFF[:-1], *OPTIONS, old, new).split("\n")))


def _files(lines: Sequence[str]) -> Iterator[FileDiff]:
    file = FileDiff()
    at = {"-": 0, "+": 0}
    for line in lines:
        if marked := MARKED.match(line):
            sign, text = marked[2], ESCAPE.sub("", marked[3])
            name = file.new if sign == "+" else file.old
            file.lines.append(Line(name, at[sign], sign, marked[1].startswith(MOVED), text))
            at[sign] += 1
            continue
        plain = ESCAPE.sub("", line)
        if plain.startswith("diff --git "):
            if file.hunks:
                yield file
            file = FileDiff()
        elif plain.startswith("--- "):
            file.old = plain[4:].removeprefix("a/")
        elif plain.startswith("+++ "):
            file.new = plain[4:].removeprefix("b/")
        elif hunk := HUNK.match(plain):
            first_old, many_old, first_new, many_new = (1 if part is None else int(part) for part in hunk.groups())
            file.hunks.append([first_old, many_old, first_new, many_new])
            at = {"-": first_old, "+": first_new}
    if file.hunks:
        yield file


def pieces(files: Sequence[FileDiff]) -> Mapping[tuple[str, str], list[Piece]]:
    """The moved lines of each file and side, such as ("webhooks/views.py", "-"), as pieces with their other place.

    A line that was copied has its other place at a line that is not marked itself. A piece of blank lines may have none.
    """
    lines = {sign: [line for file in files for line in file.lines if line.sign == sign] for sign in "-+"}
    found: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for sign, others in (("-", lines["+"]), ("+", lines["-"])):
        places = {(line.file, line.number): line.text.strip() for line in others}
        by_text: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for place, text in places.items():
            by_text[text].append(place)
        for run in _runs([line for line in lines[sign] if line.moved]):
            while run:
                # Blank lines are everywhere: the first line with a text finds the place.
                ahead = next((at for at, line in enumerate(run) if line.text.strip()), 0)
                starts = [(file, line - ahead) for file, line in by_text[run[ahead].text.strip()]]
                count, start = max(((_as_far(run, places, one), one) for one in starts), default=(0, NOWHERE))
                found[run[0].file, sign].append(Piece(run[0].number, count or 1, *(start if count else NOWHERE)))
                run = run[count or 1 :]
    return found


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Neighbouring lines of one file."""
    run: list[Line] = []
    for line in lines:
        if run and (line.file, line.number) != (run[-1].file, run[-1].number + 1):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _as_far(run: Sequence[Line], places: Mapping[tuple[str, int], str], place: tuple[str, int]) -> int:
    """How many lines of a run are the same as those from a place on."""
    file, first = place
    for count, line in enumerate(run):
        if places.get((file, first + count)) != line.text.strip():
            return count
    return len(run)
