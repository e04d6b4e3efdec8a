"""Every suite that `make test` and `./ws test-all` run, as calls of pytest."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workshop import ROOT
from workshop.base import doctor, environment, setup
from workshop.base.calls import call
from workshop.base.names import STAGES
from workshop.base.stages import Stage
from workshop.harness.testing import Run, Skipped, stage_runs, why_no_postgres

# The oldest has Django's long-term release, newer ones the newest Django. A fresh machine has the newest Python.
PYTHONS = (doctor.PYTHONS[0], "3.13", "3.14")
FUZZ_VENV = ROOT / ".venv-fuzz"  # its own: pytest loads every plugin that it finds, and schemathesis brings some
FUZZ_EXAMPLES = 20
TOOLS_GROUPS = ("lint", "compare", "bench", "site")
# Tests that only `./ws test-all` runs, because `make test` has five minutes.
LATER = {
    **{
        name: f"tests/workshop/test_{name}.py"
        for name in ("bench", "compare", "kill_rate", "lab", "mutants", "offline", "rules", "walls")
    },
    "signs": "tests/signs",
    "site": "tests/site",
    "soak": "tests/soak/test_soak.py",
}
HISTORIES = 500  # some four minutes on two cores
FEW_HISTORIES = 100  # in `./ws test-all`


def fire_run(stage: Stage, database: str = "sqlite") -> Run:
    """Races, crashes and the Celery engine against a stage; tests that need Redis are skipped without it."""
    title = f"{_on(stage.name, database)}: under fire"
    return _suite("fire", title, f"--stage-dir={stage.folder}", "-rs", env={"DB": database})


def fuzz_run(
    stage: Stage, database: str = "sqlite", *, seed: int = 1, examples: int = FUZZ_EXAMPLES, minutes: float = 0
) -> Run:
    """Schemathesis against the document that a stage serves: with an operator's key, a client's key, and without a key.

    `examples` random requests for each operation, besides the thousands that the document itself suggests. With
    `minutes`, each key's run goes on for that time; without it, a seed repeats the run.
    """
    setup.make(FUZZ_VENV, [setup.BASE, "fuzz"])
    drawn = {"DB": database, "SEED": str(seed), "MAX_EXAMPLES": str(examples), "MINUTES": str(minutes)}
    title = f"{_on(stage.name, database)}: fuzzing, SEED={seed}"
    return replace(_suite("fuzz", title, f"--stage-dir={stage.folder}", env=drawn), python=setup.interpreter(FUZZ_VENV))


def equivalence_run(database: str = "sqlite", *, seed: int = 1, histories: int = HISTORIES, stages: str = "") -> Run:
    """Stages side by side: the same histories, the same OpenAPI document, and one database for two of them."""
    drawn = {"DB": database, "SEED": str(seed), "HISTORIES": str(histories), "STAGES": stages}
    return _suite("equivalence", f"{_on(stages or 'both ends', database)}: equivalence, SEED={seed}", "-rs", env=drawn)


def proof_run(*names: str) -> Run:
    """The checks of `make lint`, the own tests and the figures, for every stage between the ends.

    With names, only for these stages.
    """
    setup.make(setup.VENV, [setup.BASE, *TOOLS_GROUPS])
    where = ", ".join(name for name in names if name in STAGES) or "every stage"
    return _suite("steps", f"{where}: lint, types, walls, migrations, own tests, figures", *_only(names))


def commands_run(*folders: str) -> Run:
    """The commands that the pages of these folders show: does each answer as its page prints?"""
    where = folders[0] if len(folders) == 1 else f"{folders[0]} to {folders[-1]}"
    return _suite("steps", f"{where}: the commands on its pages", *_only(folders))


def lights_run(*names: str) -> Run:
    """The start, the solutions and the wrong solutions of these exercises: are exactly the right checks red?"""
    title = f"exercises {', '.join(name[:2] for name in names)}: every start, solution and wrong solution"
    return _suite("exercises", title, *_only(names))


def answers_run(title: str, *names: str) -> Run:
    """The answers to change requests: the tests of tests/scorecard/ with all of these names in theirs."""
    setup.make(setup.VENV, [setup.BASE, *TOOLS_GROUPS])
    return _suite("scorecard", title, "-k", " and ".join(names))


def questions_run(title: str, *folders: str) -> Run:
    """The answers of `./ws ask`: the proofs of the questions in these folders of steps/ and exercises/."""
    setup.make(setup.VENV, [setup.BASE, *TOOLS_GROUPS])
    return _suite("questions", title, *_only(folders))


def fresh_run() -> Run:
    """README.md's two commands on the newest Debian: both ends with the Python and git of tomorrow's laptops."""
    return _suite("fresh", "fresh machine: make demo and make test", at_once=0)


def mutants_run(share: int, shares: int) -> Run:
    """A share of the planted mistakes: does the shared suite notice each?"""
    title = f"before: mutants, share {share + 1} of {shares}"
    return _suite("mutants", title, env={"SHARE": f"{share}/{shares}"})


def _suite(folder: str, title: str, *more: str, env: dict[str, str] | None = None, at_once: int = 2) -> Run:
    """The suite of a folder of tests/ with its own pytest.ini."""
    options = ["-c", f"tests/{folder}/pytest.ini", "--rootdir=.", *(["-n", str(at_once)] if at_once else [])]
    return Run(title, [f"tests/{folder}", *options, *more], environment=env or {})


def _on(what: str, database: str) -> str:
    return what if database == "sqlite" else f"{what}, PostgreSQL"


def _only(names: Sequence[str]) -> list[str]:
    return ["-k", " or ".join(names)] if names else []


def tool_runs() -> list[Run]:
    """The tests of the workshop's own commands, except slow tests and tests that need more packages."""
    later = [f"--ignore={file}" for file in LATER.values()]
    return [Run("workshop: own tests", ["tests/workshop", *later, "-n", "2", "--dist", "loadfile"])]


def fuller_tool_run(name: str) -> Run:
    """The tests of a tool that `make test` leaves out, with the packages that they need."""
    setup.make(setup.VENV, [setup.BASE, *TOOLS_GROUPS])
    return Run(f"workshop: {name}", [LATER[name], "-n", "2", "--dist", "loadfile"])


def mutants_of_a_share(share: int, shares: int) -> list[Path]:
    """The patches of a share: each patch is in one."""
    return sorted((ROOT / "tests" / "mutants").glob("*.patch"))[share::shares]


def road_runs(stages: Sequence[Stage], rungs: Sequence[Stage]) -> tuple[list[Run], list[Skipped]]:
    """Each stage's own tests and the shared suite on SQLite; the rungs on PostgreSQL too."""
    runs = [run for stage in stages for run in stage_runs(stage)]
    if rungs and (no_postgres := why_no_postgres()):
        return runs, [Skipped("the rungs on PostgreSQL", no_postgres)]
    return [*runs, *(run for stage in rungs for run in stage_runs(stage, "postgres"))], []


def other_pythons() -> list[str]:
    """The PYTHONS other than the one on which everything runs anyway."""
    return [version for version in PYTHONS if version != f"{sys.version_info.major}.{sys.version_info.minor}"]


def why_not_python(version: str) -> str | None:
    """The reason why a further Python cannot be tested here; None if it can."""
    return None if _python(version) else "none on PATH or under pyenv"


def venv_of(version: str) -> Path:
    """The interpreter of an environment with another Python of this machine; makes the environment if needed."""
    venv = ROOT / f".venv-{version}"
    setup.make(venv, python=_python(version) or version)
    return setup.interpreter(venv)


def measure_coverage(stage: Stage) -> bool:
    """Runs a stage's own tests and prints the lines and branches that they cover."""
    coverage = [str(setup.interpreter()), "-m", "coverage"]
    configuration = f"--rcfile={ROOT / 'pyproject.toml'}"
    alone = environment.made()
    tested = subprocess.run([*coverage, "run", configuration, "-m", "pytest", "tests"], cwd=stage.folder, env=alone)
    reported = subprocess.run([*coverage, "report", configuration], cwd=stage.folder, env=alone)
    return tested.returncode == 0 and reported.returncode == 0


def _python(version: str) -> str | None:
    asked = ["sh", str(ROOT / "workshop" / "find-python"), version]
    return call(asked).stdout.strip() or None
