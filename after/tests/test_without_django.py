"""The domain and the use cases without Django installed: all their tests pass."""

import re
import subprocess
import sys
from pathlib import Path

STAGE = Path(__file__).parents[1]
PYTEST = [sys.executable, "-m", "pytest", "-p", "no:django", "-p", "tests.walls", "-p", "no:cacheprovider", "-q"]
RULES = ["tests/domain", "tests/application"]


def run(*arguments):
    return subprocess.run(
        [*PYTEST, "-W", "ignore::pytest.PytestConfigWarning", *arguments],
        cwd=STAGE,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_rules_are_tested_where_django_is_not_installed():
    done = run(*RULES)

    assert done.returncode == 0, done.stdout[-3000:]
    passed = re.search(r"(\d+) passed in ", done.stdout)
    assert passed and int(passed[1]) > 500


def test_without_django_a_test_that_needs_it_cannot_be_imported():
    done = run("tests/adapters/test_composition.py")

    assert done.returncode != 0
    assert "No module named 'django'" in done.stdout + done.stderr


def test_a_rule_that_reaches_out_is_stopped(tmp_path):
    """The walls themselves: each way to the outside raises ReachedOut."""
    story = """
import socket, subprocess, sys
from tests.walls import ReachedOut, closed
import sqlite3
for reach in (
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.socket(),
    lambda: sqlite3.connect(":memory:"),
    lambda: subprocess.run([sys.executable, "-c", ""]),
):
    with closed():
        try:
            reach()
        except ReachedOut:
            continue
    sys.exit("reached out")
subprocess.run([sys.executable, "-c", ""], check=True)
"""
    done = subprocess.run([sys.executable, "-c", story], cwd=STAGE, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")
