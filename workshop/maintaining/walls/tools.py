"""The linters that hold a stage's walls."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop.base import setup
from workshop.base.stages import Stage
from workshop.maintaining.walls import CONTRACTS


@dataclass(frozen=True)
class Tool:
    """A linter's command, and its folder."""

    command: Sequence[str]
    folder: Path


def tools_of(stage: Stage) -> dict[str, Tool]:
    """The linters that handle only one project, for a stage that has walls."""
    found = {}
    if (stage.folder / "mypy.ini").exists():
        found[f"mypy, {stage.name}"] = Tool([str(setup.interpreter()), "-m", "mypy"], stage.folder)
    if (stage.folder / CONTRACTS).exists():
        found[f"import-linter, {stage.name}"] = Tool(import_linter(), stage.folder)
    return found


def import_linter(*contracts: str) -> list[str]:
    """The call that checks the contracts of a stage, or some of them."""
    chosen = [argument for contract in contracts for argument in ("--contract", contract)]
    return [str(setup.interpreter().with_name("lint-imports")), "--no-logo", "--no-cache", *chosen]
