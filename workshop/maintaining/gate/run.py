"""Runs a plan within its time, and lists the jobs that were left out in the summary."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

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
class DayPlan:
    """The plan of a day, the change that it is based on, and the runs that this machine cannot do."""

    plan: Plan
    change: Change | None
    skipped: Sequence[Skipped] = ()


def plan_of(day: date) -> DayPlan:
    """The plan of `.ci/run` for a day in this folder. The commits of the road that a change touches come last."""
    change = changes.of_the_last_day(ROOT)
    chosen = plan(jobs.further_jobs(), day, change.paths if change else None)
    commits, skipped = jobs.commits_of_a_change(change.revision if change else None)
    suites = [Job(commit.title, COMMIT_SECONDS, partial(list, [commit])) for commit in commits]
    due = [*chosen.due, *(Due(suite, Reason.TOUCHED) for suite in suites)]
    return DayPlan(replace(chosen, due=due), change, skipped)


def described(today: DayPlan) -> Iterator[str]:
    """A plan in lines: each job with its reason and its time, and the jobs that do not run this time."""
    compared = today.change.described if today.change else "nothing: the history here is shorter than a day"
    yield f"{today.plan.day}, turn {turn_on(today.plan.day) + 1} of {TURNS}. Compared with {compared}."
    for due in today.plan.due:
        yield f"  {due.job.seconds:>4} s  {due.job.name}: {due.reason.value}"
    yield f"Together some {counted(round(today.plan.seconds / 60), 'minute')} on two quiet cores."
    if today.plan.waiting:
        yield not_this_time(map(str, today.plan.waiting))


def not_this_time(names: Iterable[str]) -> str:
    """The line of the summary with the jobs that were left out."""
    return f"not this time: {', '.join(names) or 'nothing was left out'}"


def run(
    today: DayPlan,
    ends_at: float,
    execute: Callable[[Run], Outcome] = testing.execute,
    now: Callable[[], float] = time.time,
) -> bool:
    """Runs all due jobs, then prints the summary. True if all are green.

    Jobs of every run are never left out. A job that can wait is not started if it would end after `ends_at`, a time of
    `now`, at the pace of this machine so far: its own seconds are those on two quiet cores.
    """
    console, outcomes, skipped = Console(), [], list(today.skipped)
    no_time_for = []
    planned = taken = 0.0
    for due in today.plan.due:
        slowness = max(1.0, taken / planned) if planned else 1.0
        if due.reason is not Reason.ALWAYS and now() + due.job.seconds * slowness > ends_at:
            touched = "touched, " if due.reason is Reason.TOUCHED else ""
            no_time_for.append(f"{due.job.name} ({touched}no time left)")
        elif reason := due.job.why_not():
            skipped.append(Skipped(due.job.name, reason))
        else:
            began = now()
            for run in due.job.runs():
                console.rule(f"[bold]{run.title}", align="left")
                outcomes.append(execute(run))
            planned += due.job.seconds
            taken += now() - began
    notes = [not_this_time([*no_time_for, *map(str, today.plan.waiting)])]
    testing.summarise(console, outcomes, skipped, notes)
    return all(outcome.is_green for outcome in outcomes)
