"""Runs the tests: which suites there are, in which order, and one summary at the end."""

import hashlib
import os
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import click
import psycopg
from rich.console import Console
from rich.table import Table

from workshop import ROOT, doctor, environment, setup
from workshop.stages import Stage
from workshop.steps.names import STAGES

SHARED = ("tests/behaviour", "tests/golden")
SHARED_OPTIONS = ("-c", "tests/behaviour/pytest.ini", "--rootdir=.")
SHARED_AT_ONCE = 3  # one more than two cores: a test of a time limit waits for as long as the limit says
# The oldest, with Django's long-term release; newer ones, with the newest Django. A fresh machine has the newest Python.
PYTHONS = (doctor.PYTHONS[0], "3.13", "3.14")
FUZZ_VENV = ROOT / ".venv-fuzz"  # its own: pytest loads every plugin that it finds, and schemathesis brings some
FUZZ_EXAMPLES = 20
TOOLS_GROUPS = ("lint", "compare", "bench")
# What `make test` leaves to `make test-all`: it has five minutes.
LATER = ("bench", "compare", "kill_rate", "mutants", "offline", "soak", "walls")
HISTORIES = 500  # some four minutes on two cores
FEW_HISTORIES = 100  # in `make test-all`
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


@dataclass(frozen=True)
class Run:
    """One call of pytest."""

    title: str
    arguments: Sequence[str]
    folder: Path = ROOT
    python: Path = field(default_factory=setup.interpreter)
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What came of a run. A run that executed nothing has failed."""

    title: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    exit_code: int

    @property
    def is_green(self) -> bool:
        return self.exit_code == 0 and self.passed > 0 and self.failed == 0


@dataclass(frozen=True)
class Skipped:
    """Runs that this machine cannot do, and why."""

    title: str
    reason: str


def stage_runs(stage: Stage, database: str = "sqlite", python: Path | None = None, *, only: str = "") -> list[Run]:
    """A stage's own tests, then the shared suite against it; `only` leaves of the suite the tests with that in their names."""
    python = python or setup.interpreter()
    where = [stage.name, *([] if database == "sqlite" else ["PostgreSQL"])]
    if python != setup.interpreter():
        where.append(f"Python {python.parent.parent.name.removeprefix('.venv-')}")
    title = ", ".join(where)
    surroundings = {"DB": database}
    own = surroundings | ({"DATABASE_URL": own_database()} if database == "postgres" else {})
    shared = [*SHARED, *SHARED_OPTIONS, f"--stage-dir={stage.folder}", "-n", str(SHARED_AT_ONCE)]
    if only:
        return [Run(f"{title}: shared suite, only {only}", [*shared, "-k", only], ROOT, python, surroundings)]
    return [
        Run(f"{title}: own tests", ["tests"], stage.folder, python, own),
        Run(f"{title}: shared suite", shared, ROOT, python, surroundings),
    ]


def own_database() -> str:
    """The PostgreSQL URL that a stage's own tests get. Its database never exists; Django puts test_ before the name.

    Django drops a database test_… that is there already, so the name is one that nobody else gives: it has this folder's
    hash in it. A run that was killed leaves it, and the next run drops it.
    """
    name = f"workshop_{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    return urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()


def fire_run(stage: Stage, database: str = "sqlite") -> Run:
    """Races, crashes and the Celery engine against a stage; what needs Redis is skipped without one."""
    where = stage.name if database == "sqlite" else f"{stage.name}, PostgreSQL"
    options = ["-c", "tests/fire/pytest.ini", "--rootdir=.", f"--stage-dir={stage.folder}", "-n", "2", "-rs"]
    return Run(f"{where}: under fire", ["tests/fire", *options], environment={"DB": database})


def fuzz_run(
    stage: Stage, database: str = "sqlite", *, seed: int = 1, examples: int = FUZZ_EXAMPLES, minutes: float = 0
) -> Run:
    """Schemathesis against the document that a stage serves: with an operator's key, with a client's, with none.

    `examples` random requests for each operation, beside the thousands that the document itself suggests. With
    `minutes` each key's run goes on for so long; without, a seed repeats it.
    """
    setup.make(FUZZ_VENV, [setup.BASE, "fuzz"])
    where = stage.name if database == "sqlite" else f"{stage.name}, PostgreSQL"
    options = ["-c", "tests/fuzz/pytest.ini", "--rootdir=.", f"--stage-dir={stage.folder}", "-n", "2"]
    surroundings = {"DB": database, "SEED": str(seed), "MAX_EXAMPLES": str(examples), "MINUTES": str(minutes)}
    title = f"{where}: fuzzing, SEED={seed}"
    return Run(title, ["tests/fuzz", *options], python=setup.interpreter(FUZZ_VENV), environment=surroundings)


def equivalence_run(database: str = "sqlite", *, seed: int = 1, histories: int = HISTORIES, stages: str = "") -> Run:
    """Stages side by side: the same histories, the same OpenAPI document, and one database for two of them."""
    where = f"{stages or 'both ends'}" if database == "sqlite" else f"{stages or 'both ends'}, PostgreSQL"
    options = ["-c", "tests/equivalence/pytest.ini", "--rootdir=.", "-n", "2", "-rs"]
    surroundings = {"DB": database, "SEED": str(seed), "HISTORIES": str(histories), "STAGES": stages}
    return Run(f"{where}: equivalence, SEED={seed}", ["tests/equivalence", *options], environment=surroundings)


def proof_run(*names: str) -> Run:
    """What `make lint` asks of the ends, asked of every stage between them; their own tests; and every figure anew.

    With names, of these stages alone.
    """
    setup.make(setup.VENV, [setup.BASE, *TOOLS_GROUPS])
    chosen = ["-k", " or ".join(names)] if names else []
    options = ["-c", "tests/steps/pytest.ini", "--rootdir=.", "-n", "2"]
    where = ", ".join(name for name in names if name in STAGES) or "every stage"
    return Run(f"{where}: lint, types, walls, migrations, own tests, figures", ["tests/steps", *chosen, *options])


def lights_run(*names: str) -> Run:
    """The start, the solutions and the wrong solutions of every exercise: is exactly what should be red, red?

    With names, of these exercises alone.
    """
    options = ["-c", "tests/exercises/pytest.ini", "--rootdir=.", "-n", "2"]
    title = f"exercises {', '.join(name[:2] for name in names)}" if names else "exercises"
    chosen = ["-k", " or ".join(names)] if names else []
    return Run(f"{title}: every start, solution and wrong solution", ["tests/exercises", *chosen, *options])


def fresh_run() -> Run:
    """README.md's two commands on the newest Debian, with its Python and its git: both ends on what a laptop has next."""
    options = ["-c", "tests/fresh/pytest.ini", "--rootdir=."]
    return Run("fresh machine: make demo and make test", ["tests/fresh", *options])


def tool_runs() -> list[Run]:
    """The tests of the workshop's own commands, but for those that take minutes or packages of their own."""
    later = [f"--ignore={file}" for file in _later_tests()]
    return [Run("workshop: own tests", ["tests/workshop", *later, "-n", "2", "--dist", "loadfile"])]


def fuller_tool_run(*names: str) -> Run:
    """Those that `make test` leaves out, with the packages that they need; with names, these alone."""
    setup.make(setup.VENV, [setup.BASE, *TOOLS_GROUPS])
    title = ", ".join(names) or "tests that take longer"
    return Run(f"workshop: {title}", [*_later_tests(names or LATER), "-n", "2", "--dist", "loadfile"])


def _later_tests(names: Sequence[str] = LATER) -> list[str]:
    return [f"tests/workshop/test_{name}.py" for name in names]


def mutants_run(share: int = 0, shares: int = 1) -> Run:
    """Every planted mistake, or each of a share of them: does the shared suite notice it?"""
    options = ["-c", "tests/mutants/pytest.ini", "--rootdir=.", "-n", "2"]
    environment = {"SHARE": f"{share}/{shares}"}
    which = f", share {share + 1} of {shares}" if shares > 1 else ""
    return Run(f"before: mutants{which}", ["tests/mutants", *options], environment=environment)


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
    """Those of PYTHONS that are not the one on which everything runs anyway."""
    return [version for version in PYTHONS if version != _own_version()]


def why_not_python(version: str) -> str | None:
    """Why a further Python cannot be tested here; None where it can."""
    return None if _python(version) else "none on PATH or under pyenv"


def venv_of(version: str) -> Path:
    """The interpreter of an environment on another Python that is here; it is made first if need be."""
    venv = ROOT / f".venv-{version}"
    setup.make(venv, python=_python(version) or version)
    return setup.interpreter(venv)


def why_no_postgres() -> str | None:
    """Why PostgreSQL cannot be tested here; None where it can."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        first_line = str(error).splitlines()[0]
        return f"{first_line} (TEST_POSTGRES_URL names another server)"
    return None


def measure_coverage(stage: Stage) -> bool:
    """Runs a stage's own tests and prints which of its lines and branches they went through."""
    coverage = [str(setup.interpreter()), "-m", "coverage"]
    configuration = f"--rcfile={ROOT / 'pyproject.toml'}"
    alone = environment.made()
    tested = subprocess.run([*coverage, "run", configuration, "-m", "pytest", "tests"], cwd=stage.folder, env=alone)
    reported = subprocess.run([*coverage, "report", configuration], cwd=stage.folder, env=alone)
    return tested.returncode == 0 and reported.returncode == 0


def execute(run: Run, *more_arguments: str) -> Outcome:
    """Runs pytest, its output as it comes, and reads the counts from its own report."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        report = Path(folder) / "report.xml"
        command = [str(run.python), "-m", "pytest", *run.arguments, f"--junitxml={report}"]
        # Compiled anew by each process, the tests and a stage cost as much as some two hundred tests.
        surroundings = environment.made() | run.environment
        surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run([*command, *more_arguments], cwd=run.folder, env=surroundings)
        passed, failed, skipped = counts(report)
    seconds = time.monotonic() - started
    return Outcome(run.title, passed, failed, skipped, seconds, done.returncode)


def counts(report: Path) -> tuple[int, int, int]:
    """Passed, failed (errors too) and skipped, from a JUnit report; zeros where there is none."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, failures, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return max(total - failed - skipped, 0), failed, skipped


def run_all(runs: Sequence[Run], skipped: Sequence[Skipped] = ()) -> bool:
    """Every run in turn, then the summary. True where all are green."""
    console = Console()
    outcomes = []
    for run in runs:
        console.rule(f"[bold]{run.title}", align="left")
        outcomes.append(execute(run))
    summarise(console, outcomes, skipped)
    return all(outcome.is_green for outcome in outcomes)


def summarise(
    console: Console, outcomes: Sequence[Outcome], skipped: Sequence[Skipped], notes: Sequence[str] = ()
) -> None:
    """A line for each run, what did not run, notes, and the plain line of sums that tools read."""
    table = Table(box=None, pad_edge=False, title="Summary", title_justify="left")
    table.add_column("run")
    for heading in ("passed", "failed", "skipped", "seconds"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for one in outcomes:
        verdict = "[green]green" if one.is_green else f"[red]RED (exit {one.exit_code})"
        figures = (str(one.passed), str(one.failed), str(one.skipped), f"{one.seconds:.0f}")
        table.add_row(one.title, *figures, verdict)
    console.print()
    console.print(table)
    for missing in skipped:
        console.print(f"Not run: {missing.title}: {missing.reason}", markup=False, soft_wrap=True)
    for note in notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    passed, failed, left_out = (sum(getattr(one, name) for one in outcomes) for name in ("passed", "failed", "skipped"))
    # A run can be red without a failed test, as when it could not start: it counts as one.
    failed += sum(not one.is_green and not one.failed for one in outcomes)
    click.echo(f"{passed} passed, {failed} failed, {left_out} skipped")


def _own_version() -> str:
    asked = [str(setup.interpreter()), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def _python(version: str) -> str | None:
    asked = ["sh", str(ROOT / "workshop" / "find-python"), version]
    return subprocess.run(asked, capture_output=True, text=True).stdout.strip() or None
