"""The slides of a whole schedule: those of the script, and for an exercise or a break the slides that its page gives."""

from collections.abc import Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.exercises import catalogue
from workshop.maintaining.documents import schedule
from workshop.maintaining.documents.schedule import Row, Schedule
from workshop.maintaining.documents.sections import inline, section
from workshop.maintaining.talk import script
from workshop.maintaining.talk.content import lines, said
from workshop.maintaining.talk.script import Slide

INTRODUCTION = QUESTION = 2  # minutes before and after the work on an exercise
GOAL = "**Goal:**"


def schedule_of(length: int, root: Path = ROOT) -> Schedule:
    """The schedule of a talk. Raises CommandFailed if its minutes do not add up."""
    text = (root / schedule.DOCUMENT).read_text(encoding="utf-8")
    found = next((one for one in schedule.schedules(text.splitlines()) if one.length == length), None)
    if found is None:
        raise CommandFailed(f"{schedule.DOCUMENT} has no schedule of {length} minutes.")
    if found.total != length:
        raise CommandFailed(f"The schedule of {length} minutes has {found.total}: ./ws dev schedule says where.")
    return found


def slides(planned: Schedule, root: Path = ROOT) -> list[Slide]:
    """Every slide of a talk, in order. Raises CommandFailed."""
    return [slide for row in planned.rows for slide in _of_row(row, planned.length, root)]


def _of_row(row: Row, length: int, root: Path) -> Iterator[Slide]:
    if script.has(row.what):
        yield from script.slides(row.what, row.minutes, length, root)
    elif row.what == "break":
        yield Slide(row.what, "Break", row.minutes, said(f"We go on at {schedule.clock(_ends(row))}.", root))
    elif row.what.split()[0] in ("exercise", "request"):
        yield from _exercise(row, root)
    else:
        raise CommandFailed(
            f"{row.what} has no slides: write {script.FOLDER.name}/{row.what.removeprefix('step ')}.toml."
        )


def _exercise(row: Row, root: Path) -> Iterator[Slide]:
    """An introduction with the goal, a slide for the time in which people work, and a question for their own projects."""
    kind, _, name = row.what.partition(" ")
    found = next((one for one in catalogue.read_all(root) if name in (one.name, one.slug)), None)
    if found is None:
        raise CommandFailed(f"There is no {row.what}.")
    page = f"exercises/{found.name}/README.md"
    whole = section(page, found.title, root)
    story = whole.paragraphs()
    goal = whole.paragraph(GOAL).removeprefix(GOAL).strip()
    goal = goal[:1].upper() + goal[1:]
    go = "`./ws next`" if kind == "request" else f"`./ws go {int(found.name[:2])}`"
    work = [
        f"{go} begins it",
        "save: two lights answer",
        "`h`: a hint",
        "both green, then `n`: the solution",
        f"until {schedule.clock(_ends(row) - QUESTION)}",
    ]
    asked = section(page, "For your own project", root).paragraphs()
    last = asked[-1].split("? ")[0].rstrip("?") + "?"
    yield Slide(row.what, found.title, INTRODUCTION, said(goal, root), [inline(story[1])])
    yield Slide(row.what, f"{found.title}: your turn", row.minutes - INTRODUCTION - QUESTION, lines(work, root))
    yield Slide(row.what, "In your own project", QUESTION, said(last, root), [inline(text) for text in asked])


def _ends(row: Row) -> int:
    hours, _, minutes = (row.at or "0:00").partition(":")
    return int(hours) * 60 + int(minutes) + row.minutes
