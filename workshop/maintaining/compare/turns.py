"""How fast two stages are, measured in turns: one round of the first, one of the second. Other work on the machine then
slows both, so that the ratio of the two is right although the seconds may not be.
"""

import json
import os
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any

from workshop.base.calls import last_words
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.harness.inside import ask, command, surroundings
from workshop.harness.sink import sink

ROUNDS = 12
ROUNDS_A_DRAIN = 4
SECONDS_FOR_A_ROUND = 60


@dataclass(frozen=True)
class Speed:
    """By request: statements, and the median latency in milliseconds. `ratios` compare the fastest quarter with the first
    stage's: what a request takes when nothing else is in its way.
    """

    queries: dict[str, int]
    milliseconds: dict[str, float]
    ratios: dict[str, float]
    deliveries_per_second: float
    deliveries_ratio: float
    start_seconds: float
    start_bytes: float


class Runner:
    """A stage's process that works when it is told to."""

    def __init__(self, stage: Stage, process: "subprocess.Popen[str]", log: IO[str]) -> None:
        self._stage = stage
        self._process = process
        self._log = log

    def read(self) -> Any:
        """The next answer. Raises CommandFailed where the process has ended, or is ended for being late."""
        assert self._process.stdout is not None
        late = threading.Timer(SECONDS_FOR_A_ROUND, self._process.kill)
        late.start()
        line = self._process.stdout.readline()
        late.cancel()
        if not line:
            self._log.seek(0)
            raise CommandFailed(f"{self._stage.name} could not be measured:\n{last_words(self._log.read())}")
        return json.loads(line)

    def do(self, work: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{work}\n")
        self._process.stdin.flush()
        return self.read()


def speeds(stages: Sequence[Stage]) -> dict[str, Speed]:
    """By stage."""
    starts = [{stage.name: ask(stage, "start") for stage in stages} for _ in range(3)]
    with ExitStack() as stack:
        url = stack.enter_context(sink()).url
        runners = {stage.name: stack.enter_context(running(stage, url)) for stage in stages}
        for runner in runners.values():
            runner.read()
        queries = {name: runner.do("queries") for name, runner in runners.items()}
        rounds, drains = [], []
        for number in range(ROUNDS):
            # Who goes first has the colder machine: they take turns in that, too.
            order = list(runners) if number % 2 == 0 else list(runners)[::-1]
            latencies = {name: runners[name].do("latencies") for name in order}
            rounds.append(latencies)
            if number % ROUNDS_A_DRAIN == 0:
                drains.append({name: runners[name].do("drain") for name in order})
    first = stages[0].name
    return {stage.name: speed(stage.name, first, queries[stage.name], rounds, drains, starts) for stage in stages}


def speed(
    name: str,
    first: str,
    queries: dict[str, int],
    rounds: Sequence[dict[str, dict[str, list[float]]]],
    drains: Sequence[dict[str, dict[str, float]]],
    starts: Sequence[dict[str, dict[str, float]]],
) -> Speed:
    """One stage's figures, and its ratios to the first's."""
    all_of_them = {
        stage: {request: sorted(second for one in rounds for second in one[stage][request]) for request in queries}
        for stage in (name, first)
    }
    rates = [{stage: one[stage]["deliveries"] / one[stage]["seconds"] for stage in (name, first)} for one in drains]
    return Speed(
        queries,
        {request: 1000 * statistics.median(all_of_them[name][request]) for request in queries},
        {request: quarter(all_of_them[name][request]) / quarter(all_of_them[first][request]) for request in queries},
        statistics.median(one[name] for one in rates),
        statistics.median(one[name] / one[first] for one in rates),
        statistics.median(one[name]["seconds"] for one in starts),
        statistics.median(one[name]["bytes"] for one in starts),
    )


def quarter(seconds: Sequence[float]) -> float:
    """The end of the fastest quarter."""
    return sorted(seconds)[len(seconds) // 4]


@contextmanager
def running(stage: Stage, url: str) -> Iterator[Runner]:
    """The stage's process; it ends with the block."""
    with surroundings(stage) as environment, tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command("speed", url),
            cwd=stage.folder,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=os.name == "posix",
        )
        try:
            yield Runner(stage, process, log)
        finally:
            process.kill()
            process.communicate()
