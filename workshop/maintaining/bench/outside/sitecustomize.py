"""Loaded by Python itself in a stage's processes while their queries are counted: one byte in a file for each query.

All backends of Django use the same cursor wrapper, so both databases are counted in the same way. A statement is one
query, with any number of rows. A transaction's BEGIN does not count, because PostgreSQL's driver sends it with the next
statement, and only SQLite's passes through the cursor.
"""

import os
from collections.abc import Callable
from typing import Any


def count_queries(path: str) -> None:
    from django.db.backends.utils import CursorWrapper

    # Appending one byte is atomic: threads and forked processes share the file without a lock.
    counter = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def execute(self: Any, sql: Any, *args: Any, **kwargs: Any) -> Any:
            if not str(sql).startswith(("BEGIN", "PRAGMA")):
                os.write(counter, b"q")
            return method(self, sql, *args, **kwargs)

        return execute

    CursorWrapper.execute = counted(CursorWrapper.execute)
    CursorWrapper.executemany = counted(CursorWrapper.executemany)


if "BENCH_QUERIES" in os.environ:
    count_queries(os.environ["BENCH_QUERIES"])
