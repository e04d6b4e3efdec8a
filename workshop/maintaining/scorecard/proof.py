"""The proof of a cell: lint, types, walls, migrations, the stage's own tests, the request's tests, the shared suite."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from workshop import ROOT
from workshop.base import environment, setup
from workshop.base.calls import call, last_words
from workshop.base.problems import CommandFailed
from workshop.base.road import Road
from workshop.base.stages import Stage
from workshop.harness import testing
from workshop.harness.testing import Run
from workshop.maintaining.scorecard.cells import Cell, changed, laid_out, replaced
from workshop.maintaining.walls.tools import tools_of
from workshop.walk.requests.trying import request_run

KINDS = ("own", "request", "shared")
SECONDS = 900  # for one run of a stage's own tests on a busy machine


def lint_problems(stage: Stage, *, layout: bool = True) -> Iterator[str]:
    """What ruff, mypy, import-linter and Django's own checks say about a stage; `layout` for ruff format, too."""
    python = str(setup.interpreter())
    ruff = [python, "-m", "ruff"]
    settings = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    commands = {
        "ruff check": [*ruff, "check", *settings, "."],
        **({"ruff format": [*ruff, "format", "--check", *settings, "."]} if layout else {}),
        **tools_of(stage),
        "check": [python, "manage.py", "check"],
        "migrations": [python, "manage.py", "makemigrations", "--check", "--dry-run"],
    }
    for name, command in commands.items():
        done = call(command, stage.folder)
        if done.returncode:
            yield f"{name}: {(done.stdout + done.stderr).strip()[-600:]}"


def runs(cell: Cell, stage: Stage, kinds: Sequence[str] = KINDS) -> list[Run]:
    """The test runs of a cell whose files are at `stage`."""
    own, shared = testing.stage_runs(stage)
    left_out = [part for test in replaced(cell.request) for part in ("--deselect", test)]
    of = {
        "own": own,
        "request": request_run(cell.request, stage, f"{stage.name}: the request's tests"),
        "shared": replace(shared, arguments=[*shared.arguments, *left_out]),
    }
    return [of[kind] for kind in kinds]


def red_tests(laid: Road, cell: Cell) -> int:
    """The number of the stage's own tests that are red when only the production code has changed.

    A red test runs a second time, because a busy machine delays tests of time limits.
    """
    with laid_out(laid, changed(laid, cell, production_only=True), cell.name) as stage:
        [run] = runs(cell, stage, ["own"])
        report, cache = stage.folder.parent / "report.xml", stage.folder.parent / "cache"
        command = [str(setup.interpreter()), "-m", "pytest", *run.arguments, "-q", f"--junitxml={report}"]
        command += [
            "-o",
            "addopts=--strict-markers",
            "-o",
            f"cache_dir={cache}",
        ]  # with pytest's cache, for the second run
        done = call(command, run.folder, environment.made() | run.environment, seconds=SECONDS)
        passed, failed, _ = testing.counts(report)
        if not passed:
            said = last_words(done.stdout + done.stderr)
            raise CommandFailed(f"The own tests of {cell.name} could not run:\n{said}")
        if failed:
            call([*command, "--last-failed"], run.folder, environment.made() | run.environment, seconds=SECONDS)
            failed = testing.counts(report)[1]
    return failed


def prove(laid: Road, chosen: Sequence[Cell], kinds: Sequence[str] = KINDS) -> bool:
    """Whether all of it is green for these cells; prints what is not."""
    green = True
    with ExitStack() as open_folders:
        planned: list[Run] = []
        for cell in chosen:
            stage = open_folders.enter_context(laid_out(laid, changed(laid, cell), cell.name))
            for problem in lint_problems(stage):
                green = False
                print(f"{cell.name}: {problem}")
            planned += runs(cell, stage, kinds)
        return testing.run_all(planned) and green
