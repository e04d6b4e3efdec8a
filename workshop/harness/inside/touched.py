"""A pytest plugin: notes for each test whether its set-up, its run or its clean-up used the database.

This is observed, not guessed from a marker, because every statement passes through a cursor. Notes go to the file that
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
