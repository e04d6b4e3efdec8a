"""Where each stage keeps its business rules, and which of its own tests are theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop.base.stages import Stage


@dataclass(frozen=True)
class Side:
    """`rules` are patterns below the stage's folder; `tests` and `options` are what pytest is called with there.

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
# With the walls up: whatever these tests kill, they kill where Django and every database cannot even be imported.
DOMAIN_FIRST = Side(
    rules=("webhooks/domain/**/*.py", "webhooks/application/**/*.py"),
    tests=("tests/domain", "tests/application"),
    options=("-pno:django", "-ptests.walls"),
    floor=0.95,
)


def side_of(stage: Stage) -> Side:
    """Domain first where there is a domain whose tests have walls, fat models elsewhere."""
    return DOMAIN_FIRST if (stage.own_tests / "walls.py").exists() else FAT_MODELS


def modules_of(stage: Stage, side: Side) -> list[Path]:
    """The files of the stage's rules, relative to its folder."""
    found = {path for pattern in side.rules for path in stage.folder.glob(pattern)}
    return sorted(path.relative_to(stage.folder) for path in found)
