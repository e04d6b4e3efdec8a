"""A pytest plugin: marks each test whose set-up, run or clean-up used the database, as a property in the JUnit report.

This is observed, not guessed from a marker, because every statement passes through a cursor.
"""

from typing import Any

import pytest

DATABASE = "database"
_running: list[pytest.Item] = []


def pytest_configure(config: pytest.Config) -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper

    original = BaseDatabaseWrapper._cursor

    def noting(self: Any, *arguments: Any, **named: Any) -> Any:
        for item in _running:
            if not item.user_properties:
                item.user_properties.append((DATABASE, True))
        return original(self, *arguments, **named)

    BaseDatabaseWrapper._cursor = noting


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    _running[:] = [item]
