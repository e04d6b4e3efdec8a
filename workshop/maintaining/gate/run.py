"""Runs a plan within its time, and lists the jobs that were left out in the summary."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from rich.console import Console

from workshop import ROOT
from workshop.base.counting import counted
from workshop.harness import testing
from workshop.harness.testing import Outcome, Run, Skipped
from workshop.maintaining.gate import changes, jobs
from workshop.maintaining.gate.changes import Change
from workshop.maintaining.gate.plan import TURNS, Due, Job, Plan, Reason, plan, turn_on

COMMIT_SECONDS = 110


@dataclass(frozen=True)
class Limit:
    """The time limit for jobs that can wait: `seconds` after `began`, which is a time of `time.time`."""

    began: float
    seconds: float
    now: Callable[[], float] = time.time

    def leaves_room_for(self, seconds: float) -> bool:
        """Whether a job of that many seconds, started now, would end in time."""
        return self.now() - self.began + seconds <= self.seconds


@dataclass(frozen=True)
class DayPlan:
    """The plan of a day, the change that it is based on, and the commits of the road that the change touches."""

    plan: Plan
    change: Change | None
    commits: Sequence[Run] = ()
    skipped: Sequence[Skipped] = ()


def plan_of(day: date) -> DayPlan:
    """The plan of `.ci/run` for a day in this folder."""
    change = changes.of_the_last_day(ROOT)
    chosen = plan(jobs.further_jobs(), day, change.paths if change else None)
    commits, skipped = jobs.commits_of_a_change(change.revision if change else None)
    return DayPlan(chosen, change, commits, skipped)


def described(today: DayPlan) -> Iterator[str]:
    """A plan in lines: each job with its reason and its time, and the jobs that do not run this time."""
    compared = today.change.described if today.change else "nothing: the history here is shorter than a day"
    yield f"{today.plan.day}, turn {turn_on(today.plan.day) + 1} of {TURNS}. Compared with {compared}."
    for due in today.plan.due:
        yield f"  {due.job.seconds:>4} s  {due.job.name}: {due.reason.value}"
    for commit in today.commits:
        yield f"  {COMMIT_SECONDS:>4} s  {commit.title}: a change touches it"
    seconds = today.plan.seconds + COMMIT_SECONDS * len(today.commits)
    yield f"Together some {counted(round(seconds / 60), 'minute')} on two quiet cores."
    if today.plan.waiting:
        yield not_this_time(map(str, today.plan.waiting))


def not_this_time(names: Iterable[str]) -> str:
    """The line of the summary with the jobs that were left out."""
    return f"not this time: {', '.join(names) or 'nothing was left out'}"


@dataclass
class Pace:
    """The slowness of this machine compared with the jobs' seconds, from the runs so far."""

    planned: float = 0
    taken: float = 0

    def of(self, job: Job) -> float:
        """The seconds that a job probably takes here; never less than its own estimate."""
        return job.seconds * self.times()

    def times(self) -> float:
        """The factor compared with two quiet cores; never below one."""
        return max(1.0, self.taken / self.planned if self.planned else 1.0)

    def note(self, job: Job, seconds: float) -> None:
        self.planned += job.seconds
        self.taken += seconds


@dataclass
class Record:
    """The outcome of a run of the gate."""

    outcomes: list[Outcome] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    no_time_for: list[str] = field(default_factory=list)


def run(today: DayPlan, limit: Limit, execute: Callable[[Run], Outcome] = testing.execute) -> bool:
    """Runs all due jobs, then prints the summary. True if all are green.

    Jobs of every run are never left out. A job that can wait is not started if, at the pace so far, it would end after
    the limit.
    """
    console = Console()
    record = Record(skipped=list(today.skipped))

    def carry_out(runs: Sequence[Run]) -> float:
        began = limit.now()
        for run in runs:
            console.rule(f"[bold]{run.title}", align="left")
            record.outcomes.append(execute(run))
        return limit.now() - began

    pace = Pace()
    for due in today.plan.due:
        if not due.reason.can_wait or limit.leaves_room_for(pace.of(due.job)):
            _carry_out(due, record, pace, carry_out)
        else:
            touched = "touched, " if due.reason is Reason.TOUCHED else ""
            record.no_time_for.append(f"{due.job.name} ({touched}no time left)")
    for commit in today.commits:
        if limit.leaves_room_for(pace.times() * COMMIT_SECONDS):
            carry_out([commit])
        else:
            record.no_time_for.append(f"{commit.title} (touched, no time left)")
    notes = [not_this_time([*record.no_time_for, *map(str, today.plan.waiting)])]
    testing.summarise(console, record.outcomes, record.skipped, notes)
    return all(outcome.is_green for outcome in record.outcomes)


def _carry_out(due: Due, record: Record, pace: Pace, carry_out: Callable[[Sequence[Run]], float]) -> None:
    if reason := due.job.why_not():
        record.skipped.append(Skipped(due.job.name, reason))
        return
    pace.note(due.job, carry_out(due.job.runs()))
