"""A stage's own tests: their number, their time, and how many of them need the database."""

import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base import environment, setup
from workshop.base.calls import call, last_words
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.harness.inside import touched
from workshop.harness.testing import counts

SECONDS = 150


@dataclass(frozen=True)
class OwnTests:
    """`touching` is the number of tests that used the database, `seconds_without` the time of all others."""

    total: int
    failed: int
    seconds: float
    touching: int
    seconds_without: float


def own_tests(stage: Stage, limit: float = SECONDS) -> OwnTests:
    """Runs the tests once, one at a time, on SQLite, within some seconds. Raises CommandFailed.

    The tests set what they need; a setting from outside would change what they see.
    """
    made = environment.made() | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "config.settings"}
    with tempfile.TemporaryDirectory(prefix="workshop-own-") as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-p", touched.__name__, f"--junitxml={report}"]
        started = time.monotonic()
        done = call([setup.interpreter(), "-B", "-m", "pytest", *options, "tests"], stage.folder, made, limit)
        seconds = time.monotonic() - started
        passed, failed, _ = counts(report)
        if not passed:
            raise CommandFailed(f"The tests of {stage.name} did not run:\n{last_words(done.stdout + done.stderr)}")
        cases = list(ElementTree.parse(report).iter("testcase"))
    without = [case for case in cases if case.find(f"properties/property[@name='{touched.DATABASE}']") is None]
    seconds_without = sum(float(case.get("time", 0)) for case in without)
    return OwnTests(passed + failed, failed, seconds, len(cases) - len(without), seconds_without)
