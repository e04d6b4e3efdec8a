"""The checks of `make lint`: ruff, mypy, and this repository's own rules."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base import setup
from workshop.base.files import tracked
from workshop.base.problems import Problem
from workshop.maintaining.documents import curve, figures, markdown, page, transcripts, wording
from workshop.maintaining.documents.excerpts import excerpts_are_true
from workshop.maintaining.documents.patterns import patterns_are_whole
from workshop.maintaining.documents.schedule import schedules_fit
from workshop.maintaining.road import upkeep
from workshop.maintaining.scorecard import plot
from workshop.maintaining.scorecard import report as scorecard
from workshop.maintaining.twins import recordings
from workshop.maintaining.walls import fenced
from workshop.maintaining.walls.sameness import migrations_stand_alone, models_match_migrations
from workshop.maintaining.walls.statements import only_repositories_ask
from workshop.maintaining.walls.syntax import no_way_round
from workshop.maintaining.walls.tools import Tool, import_linter, tools_of

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


def tools(root: Path = ROOT) -> dict[str, Tool]:
    """The linters by the name to show. A linter that handles only one project runs once for each stage with walls."""
    python = str(setup.interpreter())
    found = {
        "ruff check": Tool([python, "-m", "ruff", "check", "."], root),
        "ruff format": Tool([python, "-m", "ruff", "format", "--check", "."], root),
        "mypy": Tool([python, "-m", "mypy"], root),
        "import-linter, workshop/": Tool(import_linter(), root),
    }
    for stage in fenced(root):
        found |= tools_of(stage)
    return found


def fixers(root: Path = ROOT) -> list[Tool]:
    """The calls of ruff that format the code and fix it if they can."""
    ruff = [str(setup.interpreter()), "-m", "ruff"]
    return [Tool([*ruff, "check", "--fix", "."], root), Tool([*ruff, "format", "."], root)]


def run_tool(tool: Tool) -> bool:
    """Runs one linter; its own output says what is wrong."""
    return subprocess.run(tool.command, cwd=tool.folder).returncode == 0


def portable(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each path of one machine, and for each registry's address, in a file of the repository."""
    for path in tracked(root):
        for number, line in _text_lines(root / path):
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
    **transcripts.CHECKS,
    **wording.CHECKS,
    **recordings.CHECKS,
    **scorecard.CHECKS,
    **plot.CHECKS,
}


def _text_lines(path: Path) -> list[tuple[int, str]]:
    try:
        return list(enumerate(path.read_text(encoding="utf-8").splitlines(), start=1))
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return []  # golden bytes that are no text, or a deleted file that is not yet committed
