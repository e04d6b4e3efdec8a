"""The checks of `make lint`: ruff, mypy, and this repository's own rules."""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
from rich.console import Console

from workshop import ROOT
from workshop.base import setup
from workshop.base.doctor import text_of
from workshop.base.files import tracked
from workshop.base.problems import Problem
from workshop.maintaining.documents import curve, figures, markdown, page, tours, transcripts, wording
from workshop.maintaining.documents.excerpts import excerpts_are_true
from workshop.maintaining.documents.patterns import patterns_are_whole
from workshop.maintaining.documents.schedule import schedules_fit
from workshop.maintaining.pictures import album
from workshop.maintaining.questions import form
from workshop.maintaining.road import upkeep
from workshop.maintaining.scorecard import plot
from workshop.maintaining.scorecard import report as scorecard
from workshop.maintaining.twins import recordings
from workshop.maintaining.walls import fenced
from workshop.maintaining.walls.sameness import migrations_stand_alone, models_match_migrations
from workshop.maintaining.walls.statements import only_repositories_ask
from workshop.maintaining.walls.syntax import no_way_round
from workshop.maintaining.walls.tools import import_linter, tools_of

RUFF = (str(setup.interpreter()), "-m", "ruff")
# The character classes keep this file from matching itself.
OF_ONE_MACHINE = re.compile(
    r"(?<![\w./])/(?:root|home/[a-z]\w*|User[s]/\w+|opt/(?:pypi|wheels))(?![\w-])"
    r"|(?<![\w.])/work/(?:main|shared)|\.\./shared/"
)
OF_ONE_REGISTRY = re.compile(
    r"\b(?:pyp[i]|pythonhoste[d]|npmj[s]|debia[n])[.](?:org|com)\b"
    r"|^\s*--(?:extra-)?index-url|^\s*--(?:find-links|trusted-host)",
    re.IGNORECASE,
)


Call = tuple[list[str], Path]


def tools(root: Path = ROOT) -> dict[str, Call]:
    """The calls of the linters, each with its folder. One that handles only one project runs in each stage with walls."""
    found = {
        "ruff check": ([*RUFF, "check", "."], root),
        "ruff format": ([*RUFF, "format", "--check", "."], root),
        "mypy": ([str(setup.interpreter()), "-m", "mypy"], root),
        "import-linter, workshop/": (import_linter(), root),
    }
    for stage in fenced(root):
        found |= {name: (command, stage.folder) for name, command in tools_of(stage).items()}
    return found


def fixers(root: Path = ROOT) -> dict[str, Call]:
    """The calls of ruff that fix the code if they can, and format it."""
    return {"ruff check": ([*RUFF, "check", "--fix", "."], root), "ruff format": ([*RUFF, "format", "."], root)}


def run_tools(calls: Mapping[str, Call]) -> bool:
    """Runs linters; their own output says what is wrong. True if all are green."""
    green, console = True, Console()
    for name, (command, folder) in calls.items():
        console.rule(name, align="left")
        green &= subprocess.run(command, cwd=folder).returncode == 0
    return green


def run_checks(checks: Mapping[str, Callable[[], Iterator[Problem]]]) -> bool:
    """Runs checks, and prints the problems of each. True if there are none."""
    green, console = True, Console()
    for name, check in checks.items():
        console.rule(name, align="left")
        problems = list(check())
        click.echo("\n".join(map(str, problems)) or "ok")
        green &= not problems
    return green


def portable(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each path of one machine, and for each registry's address, in a file of the repository."""
    for path in tracked(root):
        for number, line in enumerate(text_of(root / path).splitlines(), start=1):  # empty for bytes that are no text
            if OF_ONE_MACHINE.search(line):
                yield Problem(path, number, "a path that exists on one machine only")
            if OF_ONE_REGISTRY.search(line):
                yield Problem(path, number, "a package registry's address or option")


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {
    "no path of a machine, no registry's address": portable,
    "excerpts in the documents are the code": excerpts_are_true,
    "migrations import nothing from the project": migrations_stand_alone,
    "models match migrations in every stage": models_match_migrations,
    "no way round the walls": no_way_round,
    "only repositories send SQL, watched at work": only_repositories_ask,
    "every pattern has its page": patterns_are_whole,
    "the schedules for facilitators fit": schedules_fit,
    **upkeep.CHECKS,
    **markdown.CHECKS,
    **page.CHECKS,
    **figures.CHECKS,
    **curve.CHECKS,
    **tours.CHECKS,
    **album.CHECKS,
    **transcripts.CHECKS,
    **wording.CHECKS,
    **recordings.CHECKS,
    **scorecard.CHECKS,
    **plot.CHECKS,
    **form.CHECKS,
}
