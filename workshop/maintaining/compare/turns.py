"""The speed of stages, measured in turns: one round of the first, one of the second. Other work on the machine then
slows both, so that their ratio is right although the milliseconds may not be.
"""

import json
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from workshop.base.calls import last_words
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.harness.inside import command, surroundings
from workshop.harness.sink import sink

ROUNDS = 12


@dataclass(frozen=True)
class Speed:
    """One kind of work: its statements, and the median of its milliseconds.

    `ratio` compares the fastest quarter of the rounds with the first stage's fastest quarter: the time that the work takes
    when no other work is in its way.
    """

    queries: float
    milliseconds: float
    ratio: float


def speeds(stages: Sequence[Stage]) -> dict[str, dict[str, Speed]]:
    """The speed by stage and by kind of work."""
    with ExitStack() as stack:
        url = stack.enter_context(sink()).url
        workers = {stage.name: stack.enter_context(working(stage, url)) for stage in stages}
        queries = {name: do("queries") for name, do in workers.items()}
        rounds = []
        for number in range(ROUNDS):
            # The first one has the colder machine, so the stages take turns in that too.
            order = list(workers) if number % 2 == 0 else list(workers)[::-1]
            rounds.append({name: workers[name]("seconds") for name in order})
    return compared(queries, rounds)


def compared(
    queries: Mapping[str, Mapping[str, float]], rounds: Sequence[Mapping[str, Mapping[str, Sequence[float]]]]
) -> dict[str, dict[str, Speed]]:
    """The speeds from the statements and from the seconds of each round, both by stage and work."""
    seconds = {
        name: {work: sorted(second for taken in rounds for second in taken[name][work]) for work in of_stage}
        for name, of_stage in queries.items()
    }
    first = next(iter(seconds.values()))
    return {
        name: {
            work: Speed(queries[name][work], 1000 * statistics.median(taken), quarter(taken) / quarter(first[work]))
            for work, taken in of_stage.items()
        }
        for name, of_stage in seconds.items()
    }


def quarter(seconds: Sequence[float]) -> float:
    """The end of the fastest quarter."""
    return sorted(seconds)[len(seconds) // 4]


@contextmanager
def working(stage: Stage, url: str) -> Iterator[Callable[[str], Any]]:
    """A function that does work in the stage's process and returns the answer. The process ends with the block."""
    pipe = subprocess.PIPE
    with surroundings(stage) as environment, tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command("speed", url), cwd=stage.folder, env=environment, stdin=pipe, stdout=pipe, stderr=log, text=True,
            bufsize=1, start_new_session=True,
        )  # fmt: skip
        assert process.stdin and process.stdout
        asked, answers = process.stdin, process.stdout

        def do(work: str) -> Any:
            with suppress(BrokenPipeError):  # the process has ended, and the log says why
                asked.write(f"{work}\n")
            if not (line := answers.readline()):
                log.seek(0)
                raise CommandFailed(f"{stage.name} could not be measured:\n{last_words(log.read())}")
            return json.loads(line)

        try:
            yield do
        finally:
            process.kill()
            process.communicate()
