"""A pytest plugin: notes for each test whether the database was asked anything while it was set up, run or cleaned up.

Observed, not guessed from a marker: a cursor is where every statement has to pass. Notes go to the file that
$WORKSHOP_TOUCHED names, a line a test: `touched`, `seconds`, node id.
"""

import os
import time
from collections.abc import Generator
from typing import Any

import pytest

_asked: list[bool] = []


def pytest_configure(config: pytest.Config) -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper

    original = BaseDatabaseWrapper._cursor

    def noting(self: Any, *arguments: Any, **named: Any) -> Any:
        _asked.append(True)
        return original(self, *arguments, **named)

    BaseDatabaseWrapper._cursor = noting


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    _asked.clear()
    started = time.perf_counter()
    done = yield
    with open(os.environ["WORKSHOP_TOUCHED"], "a", encoding="utf-8") as notes:
        notes.write(f"{bool(_asked):d} {time.perf_counter() - started:.4f} {item.nodeid}\n")
    return done
