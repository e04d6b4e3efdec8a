"""The database queries of a piece of code: the statements from each line, and the number of rows read."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from workshop.exercises.findings import Finding, Project, running_lines


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
    """Counts the queries inside this context. Needs `database.make` or `transactions.database`."""
    from django.db import connection

    counted = Asked()

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        counted.places.append(next(iter(running_lines(project)), ("", 0)))
        return execute(sql, *rest)

    def read(cursor: Any, row: tuple[Any, ...]) -> tuple[Any, ...]:
        counted.rows += 1
        return row

    connection.connection.row_factory = read  # SQLite calls it for each row, however the rows are fetched
    try:
        with connection.execute_wrapper(note):
            yield counted
    finally:
        connection.connection.row_factory = None
