"""Races, crashes and the Celery engine. The tests use the harness of the behaviour suite and end with the count."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "behaviour"))

from ledger import Ledger

pytest_plugins = ["harness.fixtures"]


@pytest.fixture(scope="session")
def _server_threads():
    """A thread for each participant of a race."""
    return 0


@pytest.fixture
def ledger(api, database, receiver):
    """The books: post events through it, and end a test with `ledger.count()`."""
    return Ledger(api, database, receiver)


@pytest.fixture
def create_client(create_client, ledger):
    """Like the fixture of the behaviour suite, and the client is in the ledger."""

    def create(**document):
        return ledger.enter(lambda: create_client(**document))

    return create
