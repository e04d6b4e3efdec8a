"""Runs the test suites in order, and prints one summary at the end."""

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

from workshop import ROOT
from workshop.base import environment, setup
from workshop.base.stages import Stage

SHARED = ("tests/behaviour", "tests/golden")
SHARED_OPTIONS = ("-c", "tests/behaviour/pytest.ini", "--rootdir=.")
SHARED_AT_ONCE = 3  # one more than two cores: a test of a time limit only waits
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
    """The outcome of a run. A run that executed no test has failed."""

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
    """A run that this machine cannot do, and the reason."""

    title: str
    reason: str


def stage_runs(stage: Stage, database: str = "sqlite", python: Path | None = None, *, only: str = "") -> list[Run]:
    """A stage's own tests, then the shared suite; `only` selects the tests of the suite whose names contain it."""
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
        Run(f"{title}: own tests", ["tests", "-n", "2"], stage.folder, python, own),
        Run(f"{title}: shared suite", shared, ROOT, python, surroundings),
    ]


def own_database() -> str:
    """The PostgreSQL URL that a stage's own tests get. Its database never exists; Django puts test_ before the name.

    Django drops an existing database test_…, so the name contains this folder's hash, to be unique. A killed run leaves
    the database, and the next run drops it.
    """
    name = f"workshop_{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    return urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()


def why_no_postgres() -> str | None:
    """The reason why PostgreSQL cannot be tested here; None if it can."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        first_line = str(error).splitlines()[0]
        return f"{first_line} (TEST_POSTGRES_URL names another server)"
    return None


def execute(run: Run, *more_arguments: str) -> Outcome:
    """Runs pytest, its output as it comes, and reads the counts from its own report."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        report = Path(folder) / "report.xml"
        command = [str(run.python), "-m", "pytest", *run.arguments, f"--junitxml={report}"]
        # No PYTHONDONTWRITEBYTECODE: without byte code, each process would compile the tests and the stage.
        made = environment.made() | run.environment
        done = subprocess.run([*command, *more_arguments], cwd=run.folder, env=made)
        passed, failed, skipped = counts(report)
    seconds = time.monotonic() - started
    return Outcome(run.title, passed, failed, skipped, seconds, done.returncode)


def counts(report: Path) -> tuple[int, int, int]:
    """Passed, failed (errors too) and skipped, from a JUnit report; zeros if there is no report."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, failures, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return max(total - failed - skipped, 0), failed, skipped


def run_all(runs: Sequence[Run], skipped: Sequence[Skipped] = ()) -> bool:
    """Does every run in turn, then prints the summary. True if all are green."""
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
    """A line for each run, the runs that were left out, notes, and the plain line of sums for tools."""
    table = Table(box=None, pad_edge=False, title="Summary", title_justify="left")
    table.add_column("run")
    for heading in ("passed", "failed", "skipped", "seconds"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for outcome in outcomes:
        verdict = "[green]green" if outcome.is_green else f"[red]RED (exit {outcome.exit_code})"
        figures = (str(outcome.passed), str(outcome.failed), str(outcome.skipped), f"{outcome.seconds:.0f}")
        table.add_row(outcome.title, *figures, verdict)
    console.print()
    console.print(table)
    for missing in skipped:
        console.print(f"Not run: {missing.title}: {missing.reason}", markup=False, soft_wrap=True)
    for note in notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    passed, failed, left_out = (
        sum(getattr(outcome, name) for outcome in outcomes) for name in ("passed", "failed", "skipped")
    )
    # A run can be red without a failed test, for example if it could not start. It counts as one failed test.
    failed += sum(not outcome.is_green and not outcome.failed for outcome in outcomes)
    click.echo(f"{passed} passed, {failed} failed, {left_out} skipped")
