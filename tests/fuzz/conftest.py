"""Fuzzing: the stage's real server, rows of every state in its database, and schemathesis as the caller."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "behaviour"))

from caller import Caller
from rows import fill

pytest_plugins = ["harness.fixtures"]

MINUTES = float(os.environ.get("MINUTES") or 0)


def pytest_configure():
    from harness import fixtures  # not sooner: pytest would no longer rewrite its assertions

    # A run is thousands of requests in half a minute, or lasts for the given minutes.
    fixtures.HARD_LIMIT = 180 + 60 * MINUTES


@pytest.fixture
def rows(api, create_client, accepted, receiver, deliver, database):
    """The existing rows: clients, events and deliveries in every state, and one client's key."""
    return fill(api, create_client, accepted, receiver, deliver, database)


@pytest.fixture
def call(server, tmp_path, record_property):
    """`call(key, names)`: a whole run of schemathesis with this key, or with none."""
    caller = Caller(
        document=f"http://127.0.0.1:{server.port}/v1/openapi.json",
        folder=tmp_path,
        seed=int(os.environ.get("SEED") or 1),
        max_examples=int(os.environ.get("MAX_EXAMPLES") or 20),
        seconds=60 * MINUTES,
    )

    def run(*args, **kwargs):
        report = caller.run(*args, **kwargs)
        record_property("answers", report.in_short())
        return report

    return run


def pytest_terminal_summary(terminalreporter):
    """The requests and the answers: a run that got only 404 would prove nothing."""
    for report in terminalreporter.stats.get("passed", []):
        for name, answers in report.user_properties:
            if name == "answers":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {answers}")
