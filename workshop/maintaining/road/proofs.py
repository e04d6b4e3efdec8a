"""The slow checks of every stage between the ends; tests/steps/ runs them, one stage at a time.

`make lint` checks the ends themselves.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base import setup
from workshop.base.calls import call, last_words
from workshop.base.problems import Problem
from workshop.base.stages import Stage
from workshop.maintaining.walls import CONTRACTS
from workshop.maintaining.walls.sameness import managed, unmatched
from workshop.maintaining.walls.statements import asked_in_the_wrong_place
from workshop.maintaining.walls.syntax import ways_round
from workshop.maintaining.walls.tools import tools_of


def linted(stage: Stage) -> Iterator[Problem]:
    """ruff finds no problem, and would format no line differently."""
    ruff = [str(setup.interpreter()), "-m", "ruff"]
    options = ["--config", str(ROOT / "pyproject.toml"), "--no-respect-gitignore", "--no-cache", "."]
    for chosen in (["check", *options], ["format", "--check", *options]):
        yield from _said(stage, [*ruff, *chosen])


def typed_and_walled(stage: Stage) -> Iterator[Problem]:
    """mypy and import-linter, if the stage has a file for them."""
    for command in tools_of(stage).values():
        yield from _said(stage, command)


def no_way_round_the_walls(stage: Stage) -> Iterator[Problem]:
    """Neither in the source nor in the SQL of a running stage."""
    if (stage.folder / CONTRACTS).exists():
        yield from ways_round(stage.folder, ROOT)
        yield from asked_in_the_wrong_place(stage)


def migrates(stage: Stage) -> Iterator[Problem]:
    """An empty database can be migrated, and the models match its tables."""
    if said := managed(stage, "migrate", "--verbosity=0"):
        yield Problem(Path(stage.name) / "manage.py", 1, f"migrate refused an empty database:\n{said}")
    yield from unmatched(stage)


PROOFS: dict[str, Callable[[Stage], Iterator[Problem]]] = {
    "linted": linted,
    "typed-and-walled": typed_and_walled,
    "no-way-round-the-walls": no_way_round_the_walls,
    "migrates": migrates,
}


def _said(stage: Stage, command: list[str]) -> Iterator[Problem]:
    done = call(command, stage.folder)
    if done.returncode:
        said = last_words(done.stdout + done.stderr, lines=30)
        yield Problem(Path(stage.name), 1, f"{' '.join(Path(part).name for part in command[:4])}:\n{said}")
