"""How many small mistakes in the business rules a stage's own tests notice, asked of `workshop.kill_rate` where that is.

In a process of its own: what the tests print stays out of the table, and one that takes too long is ended.
"""

import importlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass

from workshop import ROOT, setup
from workshop.compare import CompareFailed
from workshop.inside import last_words
from workshop.stages import Stage, stage

SAMPLE, SEED = 30, 1  # `make kill-rate` takes more of them, and its time
SECONDS = 90


@dataclass(frozen=True)
class KillRates:
    """`without_database` counts those that are noticed by the tests that run with the database blocked."""

    mutants: int
    without_database: int
    with_database: int


def kill_rates(stage: Stage) -> KillRates | None:
    """A sample, the same for the same rules; None where there is no tool that could count. Raises CompareFailed."""
    if not importlib.util.find_spec("workshop.kill_rate"):
        return None
    command = [str(setup.interpreter()), "-m", "workshop.compare.kills", stage.name]
    pipe = subprocess.PIPE
    # A session of its own: the trials are processes too, and end with it.
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as counting:
        try:
            said, complained = counting.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired as late:
            os.killpg(counting.pid, signal.SIGKILL)
            what = f"not counted within {SECONDS} s; `make kill-rate` takes its time"
            raise CompareFailed(f"Mutants of the rules of {stage.name}: {what}.") from late
    if counting.returncode:
        raise CompareFailed(f"Mutants of the rules of {stage.name}:\n{last_words(complained)}")
    return KillRates(**json.loads(said.splitlines()[-1]))


def counted(stage: Stage) -> KillRates:
    """Draws the sample and tries it."""
    sides = importlib.import_module("workshop.kill_rate.sides")
    counter = importlib.import_module("workshop.kill_rate.run")
    side = sides.side_of(stage)
    possible = counter.possible_mutants(stage, side)
    equivalent = counter.equivalents(stage, possible)
    chosen = counter.sample([one for one in possible if one.name not in equivalent], SAMPLE, SEED)
    rate = counter.Rate(stage.name, list(counter.trials(stage, side, chosen)))
    return KillRates(rate.total, rate.killed_without_database, rate.killed)


if __name__ == "__main__":
    print(json.dumps(asdict(counted(stage(sys.argv[1])))))
