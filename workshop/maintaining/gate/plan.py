"""Which jobs run on one day: a pure function of the jobs, the date and the files that have changed.

A job runs if it belongs to every run, if it is its turn, or if a changed file touches it and there is time. The date
decides the turn, so any `TURNS` days in a row run every job.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from fnmatch import fnmatch

from workshop.harness.testing import Run

# Every job runs at least weekly. Six turns, not seven: a gate that runs only on Mondays must also reach every job.
TURNS = 6
# The seconds of a day's jobs on two quiet cores: with `make lint`, `make test` and two commits, half an hour.
ROOM = 1650


@dataclass(frozen=True)
class Job:
    """Some calls of pytest that run together or not at all.

    `seconds` is their time on two quiet cores, for the plan and the time limit. `touched_by` are patterns of paths from
    the repository's root, in which `*` also matches a slash. `why_not` gives the reason why this machine cannot run the
    job. It and `runs` are called only when the job is due, because `runs` may set up an environment or make a stage.
    """

    name: str
    seconds: int
    runs: Callable[[], Sequence[Run]]
    always: bool = False
    touched_by: Sequence[str] = ()
    why_not: Callable[[], str | None] = lambda: None

    def is_touched(self, changed: Collection[str]) -> bool:
        """Whether this job depends on one of the changed paths."""
        return any(fnmatch(path, pattern) for path in changed for pattern in self.touched_by)


class Reason(Enum):
    """The reason why a job runs. Jobs run in this order."""

    ALWAYS = "always"
    TOUCHED = "a change touches it"
    TURN = "its turn"
    UNKNOWN = "without history, a change may touch it"


@dataclass(frozen=True)
class Due:
    """A job that runs, and the reason."""

    job: Job
    reason: Reason


@dataclass(frozen=True)
class Waiting:
    """A job that does not run this time, and the day of its next turn.

    `touched` is True if a change touches the job, but the day has no time for it.
    """

    job: Job
    until: date
    touched: bool = False

    def __str__(self) -> str:
        return f"{self.job.name} ({'touched, ' if self.touched else ''}{self.until:%a %d %b})"


@dataclass(frozen=True)
class Plan:
    """The jobs of one run of the gate, and the jobs that it leaves out."""

    day: date
    due: Sequence[Due]
    waiting: Sequence[Waiting]

    @property
    def seconds(self) -> int:
        """The seconds of the due jobs on two quiet cores."""
        return sum(due.job.seconds for due in self.due)


def plan(jobs: Sequence[Job], day: date, changed: Collection[str] | None, room: int = ROOM) -> Plan:
    """The plan of a day. If `changed` is None, the changes are unknown, and all jobs that a change can touch come last.

    The jobs of every run and of the day's turn first take their part of `room`, in seconds. Then come the touched jobs,
    those with the furthest turn first; touched jobs without room wait for their turn.
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
    return Plan(day, sorted(found, key=lambda due: order.index(due.reason)), waiting)


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
