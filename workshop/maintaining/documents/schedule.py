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
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.names import STEPS
from workshop.base.problems import Problem
from workshop.exercises import catalogue

DOCUMENT = Path("docs/facilitating.md")
LENGTHS = (45, 90, 180)
LONGEST_STRETCH = 70  # minutes without a break
OTHER_ROWS = ("set-up", "welcome", "talk", "break", "questions", "closing")
FEEL_IT = "feel-it"  # step 00, which has no commit
SCHEDULE = re.compile(r"<!-- schedule: (\d+) minutes -->")
ALL_MINUTES = "<!-- all minutes -->"
MINUTES = re.compile(r"^\*\*Minutes:\*\* (\d+)\b", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One line of a table: `at` is the time in its first column, None in the table of all minutes."""

    line: int
    at: str | None
    minutes: int
    what: str


@dataclass(frozen=True)
class Schedule:
    """The rows of a schedule of `length` minutes, in order."""

    line: int
    length: int
    rows: tuple[Row, ...]

    @property
    def total(self) -> int:
        return sum(row.minutes for row in self.rows)


def schedules_fit(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each schedule that is too long, or whose minutes differ from those of its steps and exercises."""
    try:
        lines = (root / DOCUMENT).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        yield Problem(DOCUMENT, 1, "there is no such file")
        return
    found = schedules(lines)
    for length in LENGTHS:
        if [schedule.length for schedule in found].count(length) != 1:
            yield Problem(
                DOCUMENT, 1, f"one schedule of {length} minutes is needed: <!-- schedule: {length} minutes -->"
            )
    listed = all_minutes(lines)
    yield from _listed_right(listed, root)
    known = {row.what: row.minutes for row in listed}
    for schedule in found:
        yield from _fits(schedule)
        yield from _agrees(schedule, known)


def schedules(lines: list[str]) -> list[Schedule]:
    """The schedules of a document, in order."""
    found = []
    for number, line in enumerate(lines, start=1):
        if named := SCHEDULE.fullmatch(line.strip()):
            rows = [Row(at, cells[0], _number(cells[1]), cells[2]) for at, cells in _table(lines, number, columns=3)]
            found.append(Schedule(number, int(named[1]), tuple(rows)))
    return found


def all_minutes(lines: list[str]) -> list[Row]:
    """The table of every step and exercise: what, minutes."""
    for number, line in enumerate(lines, start=1):
        if line.strip() == ALL_MINUTES:
            return [Row(at, None, _number(cells[1]), cells[0]) for at, cells in _table(lines, number, columns=2)]
    return []


def clock(minutes: int) -> str:
    """Such as 1:05."""
    return f"{minutes // 60}:{minutes % 60:02}"


def _fits(schedule: Schedule) -> Iterator[Problem]:
    if not schedule.rows or schedule.rows[0].what != "set-up":
        yield Problem(DOCUMENT, schedule.line, "the first row must be set-up, even if it takes 0 minutes")
    passed = stretch = 0
    for row in schedule.rows:
        if row.at != clock(passed):
            yield Problem(DOCUMENT, row.line, f"{row.what} begins at {clock(passed)}, not at {row.at}")
        passed += row.minutes
        stretch = 0 if row.what == "break" else stretch + row.minutes
        if stretch > LONGEST_STRETCH:
            yield Problem(DOCUMENT, row.line, f"{stretch} minutes without a break; at most {LONGEST_STRETCH}")
    if schedule.total > schedule.length:
        over = schedule.total - schedule.length
        yield Problem(DOCUMENT, schedule.line, f"{schedule.total} minutes in {schedule.length}: {over} too many")


def _agrees(schedule: Schedule, known: dict[str, int]) -> Iterator[Problem]:
    for row in schedule.rows:
        if row.what in OTHER_ROWS:
            continue
        if row.what not in known:
            what = f"{row.what!r} is neither in the table of all minutes nor one of {', '.join(OTHER_ROWS)}"
            yield Problem(DOCUMENT, row.line, what)
        elif row.minutes != known[row.what]:
            yield Problem(DOCUMENT, row.line, f"{row.what} takes {known[row.what]} minutes, not {row.minutes}")


def _listed_right(listed: list[Row], root: Path) -> Iterator[Problem]:
    exercises = {_called(exercise): exercise.minutes for exercise in catalogue.read_all(root)}
    steps = {f"step {number:02}-{slug}" for number, slug in enumerate((FEEL_IT, *STEPS))}
    names = [row.what for row in listed]
    for missing in sorted((steps | set(exercises)) - set(names)):
        yield Problem(DOCUMENT, 1, f"the table of all minutes misses {missing}")
    for row in listed:
        if names.count(row.what) > 1:
            yield Problem(DOCUMENT, row.line, f"{row.what} is listed twice")
        if row.what in steps:
            yield from _as_the_step_says(row, root)
        elif row.what not in exercises:
            yield Problem(DOCUMENT, row.line, f"there is no {row.what}")
        elif row.minutes != exercises[row.what]:
            yield Problem(DOCUMENT, row.line, f"{row.what} takes {exercises[row.what]} minutes in its exercise.toml")


def _called(exercise: catalogue.Exercise) -> str:
    """A request comes unannounced, so it has no number in a schedule."""
    return f"exercise {exercise.name}" if exercise.dealt_after is None else f"request {exercise.slug}"


def _as_the_step_says(row: Row, root: Path) -> Iterator[Problem]:
    if not (root / "steps").is_dir():
        return
    readme = root / "steps" / row.what.removeprefix("step ") / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    said = MINUTES.search(text)
    if not said:
        where = readme.relative_to(root).as_posix()
        yield Problem(DOCUMENT, row.line, f"{where} does not say its minutes, as **Minutes:** {row.minutes}")
    elif int(said[1]) != row.minutes:
        yield Problem(DOCUMENT, row.line, f"{row.what} takes {said[1]} minutes in its README.md, not {row.minutes}")


def _table(lines: list[str], after: int, columns: int) -> Iterator[tuple[int, list[str]]]:
    """The first columns of the table's rows below a line, with the number of each line; its two head lines left out."""
    at = after
    while at < len(lines) and not lines[at].strip():
        at += 1
    row = 0
    while at < len(lines) and lines[at].strip().startswith("|"):
        cells = [cell.strip() for cell in lines[at].strip().strip("|").split("|")]
        row += 1
        if row > 2 and len(cells) >= columns:
            yield at + 1, cells[:columns]
        at += 1


def _number(cell: str) -> int:
    """A cell's minutes; a cell without a number gives a huge value, so that the schedule does not fit."""
    return int(cell) if cell.isascii() and cell.isdigit() else 24 * 60
