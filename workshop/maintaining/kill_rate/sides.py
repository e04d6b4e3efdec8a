"""The files of each stage's business rules, and its own tests for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop.base.stages import Stage


@dataclass(frozen=True)
class Side:
    """`rules` are patterns below the stage's folder; `tests` and `options` are the arguments of pytest there.

    `floor` is the share of mutants that must be killed without a database.
    """

    rules: Sequence[str]
    tests: Sequence[str]
    options: Sequence[str] = ()
    floor: float = 0.0


FAT_MODELS = Side(
    rules=(
        "webhooks/models.py",
        "webhooks/payloads.py",
        "webhooks/options.py",
        "webhooks/masking.py",
        "webhooks/bank_xml.py",
        "webhooks/amounts.py",
        "webhooks/event_types.py",
        "webhooks/examples.py",
        "clients/models.py",
    ),
    tests=("tests",),
)
# These tests run behind walls: Django and every database cannot even be imported there.
DOMAIN_FIRST = Side(
    rules=("webhooks/domain/**/*.py", "webhooks/application/**/*.py"),
    tests=("tests/domain", "tests/application"),
    options=("-pno:django", "-ptests.walls"),
    floor=0.95,
)


def side_of(stage: Stage) -> Side:
    """The domain's side if the stage has a domain whose tests have walls, else the side of fat models."""
    return DOMAIN_FIRST if (stage.own_tests / "walls.py").exists() else FAT_MODELS


def modules_of(stage: Stage, side: Side) -> list[Path]:
    """The files of the stage's rules, relative to its folder."""
    found = {path for pattern in side.rules for path in stage.folder.glob(pattern)}
    return sorted(path.relative_to(stage.folder) for path in found)
