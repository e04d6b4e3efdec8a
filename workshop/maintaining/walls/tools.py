"""The linters that hold a stage's walls."""

from workshop.base import setup
from workshop.base.stages import Stage
from workshop.maintaining.walls import CONTRACTS


def tools_of(stage: Stage) -> dict[str, list[str]]:
    """The calls of linters that handle only one project, in the folder of a stage that has walls."""
    found = {}
    if (stage.folder / "mypy.ini").exists():
        found[f"mypy, {stage.name}"] = [str(setup.interpreter()), "-m", "mypy"]
    if (stage.folder / CONTRACTS).exists():
        found[f"import-linter, {stage.name}"] = import_linter()
    return found


def import_linter(*contracts: str) -> list[str]:
    """The call that checks the contracts of a stage, or some of them."""
    chosen = [argument for contract in contracts for argument in ("--contract", contract)]
    return [str(setup.interpreter().with_name("lint-imports")), "--no-logo", "--no-cache", *chosen]
