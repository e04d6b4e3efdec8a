"""How many small mistakes in the business rules a stage's own tests notice: a sample, tried by `maintaining.kill_rate`.

In a process of its own: what the tests print stays out of the table, and one that takes too long is ended.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass

from workshop import ROOT
from workshop.base import setup
from workshop.base.calls import last_words
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage, stage
from workshop.maintaining.kill_rate import run, sides

SAMPLE, SEED = 30, 1  # `./ws kill-rate` takes more of them, and its time
SECONDS = 90


@dataclass(frozen=True)
class KillRates:
    """`without_database` counts those that are noticed by the tests that run with the database blocked."""

    mutants: int
    without_database: int
    with_database: int


def kill_rates(stage: Stage) -> KillRates:
    """A sample, the same for the same rules. Raises CommandFailed."""
    command = [str(setup.interpreter()), "-m", "workshop.maintaining.compare.kills", stage.name]
    pipe = subprocess.PIPE
    # A session of its own: the trials are processes too, and end with it.
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as counting:
        try:
            said, complained = counting.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired as late:
            os.killpg(counting.pid, signal.SIGKILL)
            what = f"not counted within {SECONDS} s; `./ws kill-rate` takes its time"
            raise CommandFailed(f"Mutants of the rules of {stage.name}: {what}.") from late
    if counting.returncode:
        raise CommandFailed(f"Mutants of the rules of {stage.name}:\n{last_words(complained)}")
    return KillRates(**json.loads(said.splitlines()[-1]))


def counted(stage: Stage) -> KillRates:
    """Draws the sample and tries it."""
    chosen = run.draw(stage, SAMPLE, SEED).mutants
    rate = run.Rate(stage.name, list(run.trials(stage, sides.side_of(stage), chosen)))
    return KillRates(rate.total, rate.killed_without_database, rate.killed)


if __name__ == "__main__":
    print(json.dumps(asdict(counted(stage(sys.argv[1])))))
