"""Draws a sample of possible mistakes in a stage's rules, tries them, and counts those that tests notice."""

import json
import random
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile

from workshop import ROOT
from workshop.base import environment, setup
from workshop.base.calls import last_words
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.maintaining.kill_rate.mutate import Mutant, mutants_of
from workshop.maintaining.kill_rate.sides import Side, modules_of, side_of

EQUIVALENT = ROOT / "tests" / "mutants" / "equivalent.toml"


@dataclass(frozen=True)
class Verdict:
    """Whether a stage's own tests noticed a mutant, and whether its tests without a database did."""

    mutant: Mutant
    killed: bool
    killed_without_database: bool


@dataclass(frozen=True)
class Rate:
    """The result of a sample."""

    stage: str
    verdicts: Sequence[Verdict]

    @property
    def total(self) -> int:
        return len(self.verdicts)

    @property
    def killed(self) -> int:
        return sum(verdict.killed for verdict in self.verdicts)

    @property
    def killed_without_database(self) -> int:
        return sum(verdict.killed_without_database for verdict in self.verdicts)

    def reaches(self, floor: float) -> bool:
        """Whether the tests without a database kill at least this share."""
        return self.killed_without_database >= floor * self.total


def possible_mutants(stage: Stage, side: Side) -> list[Mutant]:
    """Every mistake that can be made in the stage's rules."""
    modules = modules_of(stage, side)
    sources = {module: (stage.folder / module).read_text(encoding="utf-8") for module in modules}
    return [mutant for module, source in sources.items() for mutant in mutants_of(module.as_posix(), source)]


def equivalents(stage: Stage, possible: Sequence[Mutant], listed: Path = EQUIVALENT) -> dict[str, str]:
    """The mutants that no test can notice, with the reasons. Raises CommandFailed for one that is not possible."""
    reasons: dict[str, str] = tomllib.loads(listed.read_text(encoding="utf-8")).get(stage.name, {})
    if stale := sorted(reasons.keys() - {mutant.name for mutant in possible}):
        raise CommandFailed(f"{listed.name} names a mutant that {stage.name} no longer has: {stale[0]}")
    return reasons


def sample(mutants: Sequence[Mutant], size: int, seed: int, only: str = "") -> list[Mutant]:
    """A sample of the wanted size, the same for the same seed; all mutants if there are fewer."""
    chosen = [mutant for mutant in mutants if only in mutant.name]
    return random.Random(seed).sample(chosen, min(size, len(chosen)))


@dataclass(frozen=True)
class Draw:
    """A sample of a stage's mutants, the number of possible mutants, and the number of those that change nothing."""

    mutants: Sequence[Mutant]
    possible: int
    known: int


def draw(stage: Stage, size: int, seed: int, only: str = "") -> Draw:
    """Draws a sample from the mutants that a test can notice. Raises CommandFailed."""
    possible = possible_mutants(stage, side_of(stage))
    known = equivalents(stage, possible)
    return Draw(
        sample([each for each in possible if each.name not in known], size, seed, only), len(possible), len(known)
    )


def trials(stage: Stage, side: Side, mutants: Sequence[Mutant]) -> Iterator[Verdict]:
    """The verdicts as they come. Raises CommandFailed."""
    job = {
        "modules": [module.as_posix() for module in modules_of(stage, side)],
        "tests": list(side.tests),
        "options": list(side.options),
        "mutants": [asdict(mutant) for mutant in mutants],
    }
    surroundings = environment.made() | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    command = [str(setup.interpreter()), "-m", "workshop.maintaining.kill_rate.trials"]
    with TemporaryFile("w+") as log:
        pipe = subprocess.PIPE
        running = subprocess.Popen(
            command, cwd=stage.folder, env=surroundings, stdin=pipe, stdout=pipe, stderr=log, text=True
        )
        with running:
            assert running.stdin and running.stdout
            running.stdin.write(json.dumps(job))
            running.stdin.close()
            for line in running.stdout:
                said = json.loads(line)
                yield Verdict(mutants[said.pop("mutant")], **said)
        if running.returncode:
            log.seek(0)
            raise CommandFailed(f"The mutants of {stage.name} cannot be tried:\n{last_words(log.read())}")
