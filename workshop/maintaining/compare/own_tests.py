"""A stage's own tests: how many, how long, and how many of them the database has to be there for."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop.base import environment, setup
from workshop.base.calls import call, last_words
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.harness.inside import surroundings
from workshop.harness.testing import counts

SECONDS = 150


@dataclass(frozen=True)
class OwnTests:
    """`touching` is how many asked the database for anything, `seconds_without` what all others took together."""

    passed: int
    failed: int
    seconds: float
    touching: int
    seconds_without: float

    @property
    def total(self) -> int:
        return self.passed + self.failed

    @property
    def share_touching(self) -> float:
        return self.touching / max(self.total, 1)


def own_tests(stage: Stage, limit: float = SECONDS) -> OwnTests:
    """Runs them once, one at a time, on SQLite, for so many seconds at most. Raises CommandFailed."""
    with surroundings(stage) as made, tempfile.TemporaryDirectory(prefix="workshop-compare-") as folder:
        notes, report = Path(folder) / "touched", Path(folder) / "report.xml"
        notes.touch()
        command = [
            str(setup.interpreter()),
            "-B",
            "-m",
            "pytest",
            "-q",
            "-p",
            "workshop.harness.inside.touched",
            "tests",
        ]
        started = time.monotonic()
        surroundings_ = _clean(made) | {"WORKSHOP_TOUCHED": str(notes)}
        done = call([*command, f"--junitxml={report}"], stage.folder, surroundings_, limit)
        seconds = time.monotonic() - started
        passed, failed, _ = counts(report)
        if not passed:
            raise CommandFailed(f"The tests of {stage.name} did not run:\n{last_words(done.stdout + done.stderr)}")
        touching, seconds_without = summed(notes.read_text(encoding="utf-8").splitlines())
    return OwnTests(passed, failed, seconds, touching, seconds_without)


def summed(notes: Sequence[str]) -> tuple[int, float]:
    """How many tests asked the database, and the seconds of those that did not."""
    rows = [line.split(" ", 2) for line in notes]
    without = sum(float(seconds) for touched, seconds, _ in rows if touched == "0")
    return sum(touched == "1" for touched, _, _ in rows), without


def _clean(surroundings: dict[str, str]) -> dict[str, str]:
    """The tests set what they need; a setting from outside would change what they see."""
    kept = ("PYTHONPATH", "DJANGO_SETTINGS_MODULE")
    return environment.made() | {name: surroundings[name] for name in kept}
