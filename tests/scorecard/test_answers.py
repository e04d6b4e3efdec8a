"""Every answer to a change request, at every rung: is it whole?"""

from collections.abc import Iterator

import pytest

from workshop import ROOT
from workshop.base import environment, setup
from workshop.base.calls import call, last_words
from workshop.base.road import road
from workshop.base.stages import Stage
from workshop.maintaining.scorecard import proof
from workshop.maintaining.scorecard.cells import Cell, cells, changed, laid_out
from workshop.walk.requests.catalogue import requests

SECONDS = 1100

every_answer = pytest.mark.parametrize(
    "cell", cells(requests()), ids=lambda cell: f"{cell.request.name}-{cell.rung}", indirect=True
)


@pytest.fixture
def cell(request: pytest.FixtureRequest) -> Cell:
    found: Cell = request.param
    return found


@pytest.fixture
def stage(cell: Cell) -> Iterator[Stage]:
    laid = road(ROOT)
    with laid_out(laid, changed(laid, cell), cell.name) as stage:
        yield stage


@every_answer
def test_black_box(cell: Cell, stage: Stage) -> None:
    _run(cell, stage, "request")


@every_answer
def test_lint_and_own_tests(cell: Cell, stage: Stage) -> None:
    assert list(proof.lint_problems(stage)) == []
    _run(cell, stage, "own")


@every_answer
def test_shared_suite(cell: Cell, stage: Stage) -> None:
    _run(cell, stage, "shared")


def _run(cell: Cell, stage: Stage, kind: str) -> None:
    [run] = proof.runs(cell, stage, [kind])
    command = [str(setup.interpreter()), "-m", "pytest", *run.arguments, "-q"]
    done = call(command, run.folder, environment.made() | run.environment, seconds=SECONDS)
    assert done.returncode == 0, last_words(done.stdout + done.stderr, lines=40)
