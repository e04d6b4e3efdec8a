"""The database queries of a piece of code: the statements from each line, and the number of rows read."""

import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from workshop.exercises.findings import Finding, Project


@dataclass
class Asked:
    """The lines of the project that sent a statement, one entry for each statement, and the number of rows read."""

    places: list[tuple[str, int]] = field(default_factory=list)
    rows: int = 0

    def busiest(self) -> Finding:
        """The line with the most statements."""
        (file, line), times = Counter(self.places).most_common(1)[0]
        return Finding(file, line, f"{times} of {len(self.places)} statements")


@contextmanager
def asked(project: Project) -> Iterator[Asked]:
    """Counts the queries inside this context. Needs `transactions.database`."""
    from django.db import connection
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    counted = Asked()

    class Counting(CursorWrapper):  # type: ignore[misc]
        def fetchone(self) -> Any:
            row = self.cursor.fetchone()
            counted.rows += row is not None
            return row

        def fetchmany(self, *size: int) -> Any:
            rows = self.cursor.fetchmany(*size)
            counted.rows += len(rows)
            return rows

        def fetchall(self) -> Any:
            rows = self.cursor.fetchall()
            counted.rows += len(rows)
            return rows

        def __iter__(self) -> Iterator[Any]:
            for row in self.cursor:
                counted.rows += 1
                yield row

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        frames = [(project.relative(frame.filename), frame.lineno or 0) for frame in traceback.extract_stack()]
        counted.places.append(next(((file, line) for file, line in reversed(frames) if file), ("", 0)))
        return execute(sql, params, many, context)

    kept = BaseDatabaseWrapper.make_cursor
    BaseDatabaseWrapper.make_cursor = lambda self, cursor: Counting(cursor, self)
    try:
        with connection.execute_wrapper(note):
            yield counted
    finally:
        BaseDatabaseWrapper.make_cursor = kept
