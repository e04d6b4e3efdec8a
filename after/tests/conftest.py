"""Marks every test by its folder, and puts the tests of the domain and of the use cases behind walls. No Django."""

import io
import json
import logging
from pathlib import Path

import pytest

from plumbing.logs import configure_structlog, logging_config

from .walls import closed

FOLDERS = ("domain", "application", "contracts", "adapters", "clients", "plumbing")
WITHOUT_THE_WORLD = {"domain", "application"}

configure_structlog()


def pytest_configure(config):
    for folder in FOLDERS:
        config.addinivalue_line("markers", f"{folder}: tests in tests/{folder}/")


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(here).parts[0]
        if folder in FOLDERS:
            item.add_marker(folder)


@pytest.fixture(autouse=True)
def _walls(request):
    """The domain and the use cases reach no database, no network and no process."""
    if any(request.node.get_closest_marker(folder) for folder in WITHOUT_THE_WORLD):
        with closed():
            yield
    else:
        yield


@pytest.fixture
def log_lines():
    """Returns what was logged since the test began, as it is written to stderr and read back."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    formatter = dict(logging_config()["formatters"]["line"])
    handler.setFormatter(formatter.pop("()")(**formatter))
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)
