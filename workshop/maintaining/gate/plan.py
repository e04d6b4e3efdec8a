"""Which jobs run on one day: a pure function of the jobs, the date and the files that have changed.

A job runs when it always does, when it is its turn, or when a changed file touches it and there is room. The date
decides the turn, so any `TURNS` days in a row run every job.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from fnmatch import fnmatch

from workshop.harness.testing import Run

TURNS = 6
"""Every job runs at least weekly. Not seven: a gate that runs on Mondays only gets to every job too."""

ROOM = 1350
"""The seconds of a day's jobs on two quiet cores: with `make lint`, `make test` and two commits, half an hour."""


@dataclass(frozen=True)
class Job:
    """Some calls of pytest that run together or not at all.

    `seconds` is what they take on two quiet cores, as a plan and a time limit need it. `touched_by` are patterns of paths
    from the repository's root, where `*` also matches a slash. `why_not` says why this machine cannot run the job; it is
    asked only when the job is due. So are `runs`, which may set up an environment or lay out a stage.
    """

    name: str
    seconds: int
    runs: Callable[[], Sequence[Run]]
    always: bool = False
    touched_by: Sequence[str] = ()
    why_not: Callable[[], str | None] = lambda: None

    def is_touched(self, changed: Collection[str]) -> bool:
        """Whether one of the changed paths is among those that this job depends on."""
        return any(fnmatch(path, pattern) for path in changed for pattern in self.touched_by)


class Reason(Enum):
    """Why a job runs. The order is the order of the runs."""

    ALWAYS = "always"
    TOUCHED = "a change touches it"
    TURN = "its turn"
    UNKNOWN = "no history tells whether a change touches it"

    @property
    def can_wait(self) -> bool:
        """Whether the job may be left out when the time runs out."""
        return self is not Reason.ALWAYS


@dataclass(frozen=True)
class Due:
    """A job that runs, and why."""

    job: Job
    reason: Reason


@dataclass(frozen=True)
class Waiting:
    """A job that does not run this time, and the next day on which it is its turn.

    `touched` is True where a change touches it, but touches so much else that the day has no room.
    """

    job: Job
    until: date
    touched: bool = False

    def __str__(self) -> str:
        return f"{self.job.name} ({'touched, ' if self.touched else ''}{self.until:%a %d %b})"


@dataclass(frozen=True)
class Plan:
    """What one run of the gate does and what it leaves out."""

    day: date
    due: Sequence[Due]
    waiting: Sequence[Waiting]

    @property
    def seconds(self) -> int:
        """How long the due jobs take on two quiet cores."""
        return sum(due.job.seconds for due in self.due)


def plan(jobs: Sequence[Job], day: date, changed: Collection[str] | None, room: int = ROOM) -> Plan:
    """What runs on a day. `changed` is None where nobody can tell: then all jobs that a change can touch are due last.

    What always runs and the turn of the day take their `room` in seconds first. Of the jobs that are touched, those come
    next whose turn is furthest away; the others wait for it.
    """
    turns = turns_of(jobs)
    today = turn_on(day)
    reasons = {job.name: _reason(job, turns.get(job.name) == today, changed) for job in jobs}
    due = [job for job in jobs if job.always or turns[job.name] == today]
    left = room - sum(job.seconds for job in due)
    others = sorted((job for job in jobs if job not in due), key=lambda job: next_day_of(turns[job.name], day))
    for job in reversed(others):
        if reasons[job.name] and job.seconds <= left:
            due.append(job)
            left -= job.seconds
    waiting = [
        Waiting(job, next_day_of(turns[job.name], day), reasons[job.name] is Reason.TOUCHED)
        for job in jobs
        if job not in due
    ]
    order = list(Reason)
    found = [Due(job, reason) for job in jobs if job in due and (reason := reasons[job.name])]
    return Plan(day, sorted(found, key=lambda one: order.index(one.reason)), waiting)


def _reason(job: Job, is_its_turn: bool, changed: Collection[str] | None) -> Reason | None:
    if job.always:
        return Reason.ALWAYS
    if changed is not None and job.is_touched(changed):
        return Reason.TOUCHED
    if is_its_turn:
        return Reason.TURN
    return Reason.UNKNOWN if changed is None and job.touched_by else None


def turn_on(day: date) -> int:
    """The number of the turn, from 0, that a date stands for."""
    return day.toordinal() % TURNS


def next_day_of(turn: int, day: date) -> date:
    """The next day after `day` that a turn falls on."""
    return day + timedelta(days=(turn - turn_on(day) - 1) % TURNS + 1)


def turns_of(jobs: Sequence[Job]) -> dict[str, int]:
    """The turn of each job that does not always run, so that each turn takes about as long as the others."""
    load = [0] * TURNS
    found = {}
    rotating = [job for job in jobs if not job.always]
    for job in sorted(rotating, key=lambda job: (-job.seconds, job.name)):
        turn = load.index(min(load))
        load[turn] += job.seconds
        found[job.name] = turn
    return found
