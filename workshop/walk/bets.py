"""Bets on steps of the walk: which files does the step change?"""

from collections.abc import Iterable
from pathlib import Path

from workshop import ROOT
from workshop.base import leftovers
from workshop.base.bets import Question
from workshop.base.names import STAGES, STEPS, folder_name, number_of, stage_name
from workshop.base.road import road
from workshop.harness.source import names_a_format
from workshop.walk.changes import changes


def of_step(written: str, root: Path = ROOT) -> Question:
    """The bet before a step. Step 0 asks which files a new format would touch in before/. Raises CommandFailed."""
    number = number_of(stage_name(written))
    if number == 0:
        folder = root / "before"
        here = production(leftovers.files(folder, hidden=False))
        touched = {path: "names every format" for path in here if names_a_format(folder / path)}
        asked = "A client wants its own format. Which files of before/ must change?"
        return Question(folder_name(0), asked, here, touched)
    laid = road(root)
    old, new = laid.require(STAGES[number - 1]), laid.require(STAGES[number])
    here = production(laid.git("ls-tree", "-r", "--name-only", f"refs/tags/{old}").splitlines())
    found = {}
    for change in changes(laid.git, f"refs/tags/{old}", f"refs/tags/{new}"):
        if not change.is_test:
            found[change.old] = f"moved to {change.path}" if change.old != change.path else change.kind.value
    asked = f"Step {number}, {STEPS[number - 1]}: which files will it change?"
    return Question(folder_name(number), asked, here, found)


def production(paths: Iterable[str]) -> list[str]:
    """The files to bet on: code, without tests, migrations and files that are empty by convention."""
    code = [path for path in paths if path.endswith(".py") and not path.endswith(("__init__.py", "manage.py"))]
    return [path for path in code if not path.startswith(("tests/", "plumbing/")) and "/migrations/" not in path]
