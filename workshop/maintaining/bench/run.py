"""A bench from start to end: both databases, three rounds, then the table and the JSON.

Several stages take turns at every step, so that a slow moment of the machine slows all of them.
"""

import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from workshop.base.stages import Stage
from workshop.harness.sink import Sink, sink
from workshop.maintaining.bench import kept
from workshop.maintaining.bench.figures import Samples
from workshop.maintaining.bench.ground import Ground
from workshop.maintaining.bench.phases import IN_ROUNDS, ONCE, Phase
from workshop.maintaining.bench.report import TITLES, Report


@dataclass(frozen=True)
class Plan:
    """The things to measure, in windows of at most `seconds`."""

    stages: Sequence[Stage]
    engines: Sequence[str]
    phases: Sequence[str]
    seconds: float
    rounds: int

    def steps(self) -> Iterator[tuple[str, Phase]]:
        """The phases in their order; phases that are compared with each other are repeated in each round."""
        in_rounds = [(name, phase) for name, phase in IN_ROUNDS.items() if name in self.phases]
        for number in range(1, self.rounds + 1):
            for name, phase in in_rounds:
                yield f"{name}, round {number} of {self.rounds}", phase
        yield from ((name, phase) for name, phase in ONCE.items() if name in self.phases)


def main(plan: Plan, results: Path, *, keep: bool = False) -> bool:
    """Whether all targets were kept. With `keep`, the ratios become the kept run."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends all child processes, as with Ctrl-C
    began, clock, load = datetime.now(UTC), time.monotonic(), os.getloadavg()[0]
    names = [stage.name for stage in plan.stages]
    click.echo(f"Bench of {' and '.join(names)} on {' and '.join(TITLES[engine] for engine in plan.engines)}")
    if load > (os.cpu_count() or 1) / 2:
        click.echo(f"Other programs keep this machine busy (load {load:.1f}): each figure may be wrong by half.")
    with TemporaryDirectory(prefix="workshop-bench-") as scratch, sink() as receiver:
        samples = {engine: measured(plan, engine, receiver, Path(scratch), clock) for engine in plan.engines}
    report = Report(names, began, time.monotonic() - clock, load, samples)
    report.show(Console())
    click.echo(f"Written: {report.write(results)}")
    if keep:
        click.echo(f"Kept: {kept.keep(report, plan.rounds, plan.seconds)}")
    return not report.missed()


def measured(plan: Plan, engine: str, receiver: Sink, scratch: Path, clock: float) -> dict[str, Samples]:
    """All samples on one kind of database, by stage and name."""
    samples: dict[str, defaultdict[str, list[float]]] = {stage.name: defaultdict(list) for stage in plan.stages}
    with ExitStack() as stack:
        grounds = [Ground(stage, engine, receiver, scratch, stack) for stage in plan.stages]
        for title, phase in plan.steps():
            for ground in grounds:
                name = ground.stage.name
                found: defaultdict[str, list[float]] = defaultdict(list)
                for what, value in phase(ground, plan.seconds):
                    samples[name][what].append(value)
                    found[what].append(value)
                figures = ", ".join(f"{what} {median(values):,.4g}" for what, values in found.items())
                minutes, seconds = divmod(int(time.monotonic() - clock), 60)
                click.echo(f"  {minutes:>2}:{seconds:02}  {TITLES[engine]}, {name}, {title}: {figures}")
    return {name: dict(found) for name, found in samples.items()}
