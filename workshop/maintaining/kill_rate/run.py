"""Draws a sample of the mistakes that can be made in a stage's rules, has them tried, and counts who was noticed."""

import json
import random
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base import environment, setup
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.maintaining.kill_rate.mutate import Mutant, mutants_of
from workshop.maintaining.kill_rate.sides import Side, modules_of, side_of

EQUIVALENT = ROOT / "tests" / "mutants" / "equivalent.toml"


@dataclass(frozen=True)
class Verdict:
    """Whether a stage's own tests noticed a mutant, and whether those of them did that need no database."""

    mutant: Mutant
    killed: bool
    killed_without_database: bool


@dataclass(frozen=True)
class Rate:
    """What a sample came to."""

    stage: str
    verdicts: Sequence[Verdict]

    @property
    def total(self) -> int:
        return len(self.verdicts)

    @property
    def killed(self) -> int:
        return sum(one.killed for one in self.verdicts)

    @property
    def killed_without_database(self) -> int:
        return sum(one.killed_without_database for one in self.verdicts)

    def reaches(self, floor: float) -> bool:
        """Whether the tests that need no database kill at least this share."""
        return self.killed_without_database >= floor * self.total

    @property
    def survivors(self) -> list[Mutant]:
        return [one.mutant for one in self.verdicts if not one.killed]


def possible_mutants(stage: Stage, side: Side) -> list[Mutant]:
    """Every mistake that can be made in the stage's rules."""
    modules = modules_of(stage, side)
    sources = {module: (stage.folder / module).read_text(encoding="utf-8") for module in modules}
    return [mutant for module, source in sources.items() for mutant in mutants_of(module.as_posix(), source)]


def equivalents(stage: Stage, possible: Sequence[Mutant], listed: Path = EQUIVALENT) -> dict[str, str]:
    """The mutants that no test can notice, with the reasons. Raises CommandFailed for one that is not possible."""
    reasons: dict[str, str] = tomllib.loads(listed.read_text(encoding="utf-8")).get(stage.name, {})
    if stale := sorted(reasons.keys() - {mutant.name for mutant in possible}):
        raise CommandFailed(f"{listed.name} names what is no mutant of {stage.name} any more: {stale[0]}")
    return reasons


def sample(mutants: Sequence[Mutant], size: int, seed: int, only: str = "") -> list[Mutant]:
    """As many of them as asked for, the same ones for the same seed; all where there are fewer."""
    chosen = [mutant for mutant in mutants if only in mutant.name]
    return random.Random(seed).sample(chosen, min(size, len(chosen)))


@dataclass(frozen=True)
class Draw:
    """A sample of a stage's mutants, of how many that are possible, and how many of these change nothing."""

    mutants: Sequence[Mutant]
    possible: int
    known: int


def draw(stage: Stage, size: int, seed: int, only: str = "") -> Draw:
    """Draws a sample from those that a test can notice. Raises CommandFailed."""
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
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=stage.folder, env=surroundings, stdin=pipe, stdout=pipe, text=True) as running:
        assert running.stdin and running.stdout
        running.stdin.write(json.dumps(job))
        running.stdin.close()
        for line in running.stdout:
            said = json.loads(line)
            if "mutant" in said:
                number = said.pop("mutant")
                yield Verdict(mutants[number], **said)
    if running.returncode:
        raise CommandFailed(f"{stage.name}: the trials ended with {running.returncode}")
