"""Checks the schedules in docs/facilitating.md: `./ws dev schedule`, and a check of `make lint`.

A schedule is a table below a comment that names its length:

    <!-- schedule: 90 minutes -->
    | at | minutes | what | how |
    | ---: | ---: | --- | --- |
    | 0:00 | 8 | set-up | ... |
    | 0:08 | 10 | step 00-feel-it | ... |
    | 0:18 | 20 | exercise 04-untangle-the-fees | ... |
    | 0:38 | 10 | request add-gift-notes | ... |

The minutes of a step are those of its README (`**Minutes:** 10`), those of an exercise are exercise.toml's. The table below
`<!-- all minutes -->` lists every step and exercise once, and the rows of the schedules must agree with it.

A list below the table says what to cut: `- 10: leave out step 00`. The first row that an item names is the row to cut.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path

from workshop import ROOT
from workshop.base.names import STEPS, folder_name
from workshop.base.problems import Problem
from workshop.exercises import catalogue
from workshop.maintaining.documents import page

DOCUMENT = Path("docs/facilitating.md")
LENGTHS = (45, 90, 180)
LONGEST_STRETCH = 70  # minutes without a break
OTHER_ROWS = ("set-up", "welcome", "talk", "break", "questions", "closing")
SCHEDULE = re.compile(r"<!-- schedule: (\d+) minutes -->")
ALL_MINUTES = "<!-- all minutes -->"
CUT = re.compile(r"- (\d+): (.+)")
CUT_ROW = re.compile(r"\b(?P<kind>step|exercise) (?P<number>\d+)|\bthe (?P<other>request|talk|questions|closing)\b")


@dataclass(frozen=True)
class Row:
    """One line of a table: `at` is the time in its first column, empty in the table of all minutes.

    `how` is what the teacher does, in the fourth column.
    """

    line: int
    at: str
    minutes: int
    what: str
    how: str = ""


@dataclass(frozen=True)
class Cut:
    """What to leave out when it is late, and the minutes that this saves. `row` is the row to cut; "" if none is named."""

    line: int
    minutes: int
    row: str
    text: str


@dataclass(frozen=True)
class Schedule:
    """The rows of a schedule of `length` minutes, in order, and what to cut first when it is late."""

    line: int
    length: int
    rows: tuple[Row, ...]
    cuts: tuple[Cut, ...] = ()

    @property
    def total(self) -> int:
        return sum(row.minutes for row in self.rows)


def schedules_fit(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each schedule that is too long, or whose minutes differ from those of its steps and exercises."""
    if not (root / DOCUMENT).exists():
        yield Problem(DOCUMENT, 1, "there is no such file")
        return
    lines = (root / DOCUMENT).read_text(encoding="utf-8").splitlines()
    found = schedules(lines)
    for length in LENGTHS:
        if [schedule.length for schedule in found].count(length) != 1:
            what = f"one schedule of {length} minutes is needed: <!-- schedule: {length} minutes -->"
            yield Problem(DOCUMENT, 1, what)
    start = lines.index(ALL_MINUTES) if ALL_MINUTES in lines else len(lines)
    listed = [Row(line, "", _number(minutes), what) for line, (what, minutes) in _table(lines, start + 1, 2)]
    yield from _listed_right(listed, root)
    known = {row.what: row.minutes for row in listed}
    for schedule in found:
        yield from _fits(schedule, known)


def schedules(lines: list[str]) -> list[Schedule]:
    """The schedules of a document, in order."""
    found = []
    for number, line in enumerate(lines, start=1):
        if named := SCHEDULE.fullmatch(line.strip()):
            rows = [
                Row(at, begin, _number(minutes), what, how)
                for at, (begin, minutes, what, how) in _table(lines, number, 4)
            ]
            cuts = _cuts(lines, number, [row.what for row in rows])
            found.append(Schedule(number, int(named[1]), tuple(rows), tuple(cuts)))
    return found


def clock(minutes: int) -> str:
    """Such as 1:05."""
    return f"{minutes // 60}:{minutes % 60:02}"


def _fits(schedule: Schedule, known: dict[str, int]) -> Iterator[Problem]:
    if not schedule.rows or schedule.rows[0].what != "set-up":
        yield Problem(DOCUMENT, schedule.line, "the first row must be set-up, even if it takes 0 minutes")
    passed = stretch = 0
    for row in schedule.rows:
        if row.at != (now := clock(passed)):
            yield Problem(DOCUMENT, row.line, f"{row.what} begins at {now}, not at {row.at}")
        passed += row.minutes
        stretch = 0 if row.what == "break" else stretch + row.minutes
        if stretch > LONGEST_STRETCH:
            yield Problem(DOCUMENT, row.line, f"{stretch} minutes without a break; at most {LONGEST_STRETCH}")
        if row.what not in (*OTHER_ROWS, *known):
            what = f"{row.what!r} is neither in the table of all minutes nor one of {', '.join(OTHER_ROWS)}"
            yield Problem(DOCUMENT, row.line, what)
        elif row.minutes != known.get(row.what, row.minutes):
            yield Problem(DOCUMENT, row.line, f"{row.what} takes {known[row.what]} minutes, not {row.minutes}")
    own = {row.what: row.minutes for row in schedule.rows}
    for cut in schedule.cuts:
        if cut.row not in own:
            yield Problem(DOCUMENT, cut.line, f"this cut names no row of the schedule: {cut.text}")
        elif cut.minutes > own[cut.row]:
            what = f"cutting {cut.row} cannot save {cut.minutes} minutes: it takes {own[cut.row]}"
            yield Problem(DOCUMENT, cut.line, what)
    if passed > schedule.length:
        over = passed - schedule.length
        yield Problem(DOCUMENT, schedule.line, f"{passed} minutes in {schedule.length}: {over} too many")


def _listed_right(listed: list[Row], root: Path) -> Iterator[Problem]:
    wanted = {f"step {folder_name(number)}": page.minutes(root, number) for number in range(len(STEPS) + 1)}
    for exercise in catalogue.read_all(root):
        # A request comes unannounced, so it has no number in a schedule.
        name = f"exercise {exercise.name}" if exercise.dealt_after is None else f"request {exercise.slug}"
        wanted[name] = exercise.minutes
    names = [row.what for row in listed]
    for missing in sorted(wanted.keys() - set(names)):
        yield Problem(DOCUMENT, 1, f"the table of all minutes misses {missing}")
    for row in listed:
        if names.count(row.what) > 1:
            yield Problem(DOCUMENT, row.line, f"{row.what} is listed twice")
        if row.what not in wanted:
            yield Problem(DOCUMENT, row.line, f"there is no {row.what}")
        elif (minutes := wanted[row.what]) is None:
            yield Problem(DOCUMENT, row.line, f"the README.md of {row.what} does not say its minutes")
        elif row.minutes != minutes:
            source = "README.md" if row.what.startswith("step") else "exercise.toml"
            yield Problem(DOCUMENT, row.line, f"{row.what} takes {minutes} minutes in its {source}, not {row.minutes}")


def _cuts(lines: list[str], after: int, rows: list[str]) -> Iterator[Cut]:
    """The cuts below a schedule, up to the next heading. An item may go on in indented lines."""
    end = next((at for at in range(after, len(lines)) if lines[at].startswith("## ")), len(lines))
    for at in range(after, end):
        if item := CUT.fullmatch(lines[at]):
            more = takewhile(lambda line: line.startswith("  "), lines[at + 1 : end])
            text = " ".join([item[2], *map(str.strip, more)])
            yield Cut(at + 1, int(item[1]), _row_of(text, rows), text)


def _row_of(text: str, rows: list[str]) -> str:
    """The row that a cut names: "step 07", "exercise 3", "the request"."""
    named = CUT_ROW.search(text)
    if not named:
        return ""
    begins = f"{named['kind']} {int(named['number']):02}-" if named["kind"] else named["other"]
    return next((row for row in rows if row.startswith(begins)), "")


def _table(lines: list[str], after: int, columns: int) -> Iterator[tuple[int, list[str]]]:
    """The first cells of the rows of the table directly below a line, and the number of each row, without its heads."""
    rows = takewhile(lambda row: row[1].startswith("|"), enumerate(lines[after:], start=after + 1))
    for number, row in islice(rows, 2, None):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        yield number, [*cells, *[""] * columns][:columns]


def _number(cell: str) -> int:
    """A cell's minutes; a cell without a number gives a huge value, so that the schedule does not fit."""
    return int(cell) if cell.isascii() and cell.isdigit() else 24 * 60
