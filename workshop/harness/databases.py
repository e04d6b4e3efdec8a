"""The databases of a measurement: each is a fresh copy of a prepared one, so no run sees the rows of another."""

import itertools
import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from workshop import sqlite_url
from workshop.harness.testing import POSTGRES

Rows = list[tuple[Any, ...]]


class Database(ABC):
    """One database. `?` is the placeholder of a statement. `columns_sql` lists a table's columns.

    `create` makes it with the template's content; meanwhile no other connection may use the template. `drop` works
    before `create` too, so an interrupted measurement leaves no database.
    """

    url: str
    columns_sql: str
    _numbers = itertools.count()

    @abstractmethod
    def connected(self) -> AbstractContextManager[Callable[..., Rows]]:
        """Yields a function that runs and commits a statement with its parameters, always over one connection."""

    @abstractmethod
    def moment(self, milliseconds: str) -> str:
        """SQL for the placeholder's time plus a number of milliseconds, which is SQL too."""

    @abstractmethod
    def sibling(self) -> "Database":
        """A database that `create` will make with this one's content."""

    @abstractmethod
    def create(self) -> None: ...

    @abstractmethod
    def drop(self) -> None: ...

    def analyze(self) -> None:  # noqa: B027 - SQLite has nothing to do
        """Does the upkeep that the database would soon do by itself after many new rows."""

    def execute(self, sql: str, *parameters: Any) -> Rows:
        """Runs one statement and returns its rows, none if it has none."""
        with self.connected() as run:
            return run(sql, *parameters)

    def columns(self, table: str) -> list[str]:
        """The table's columns except its key, which the database assigns."""
        return [name for (name,) in self.execute(self.columns_sql, table) if name != "id"]

    @contextmanager
    def copied(self) -> Iterator["Database"]:
        """A copy that is dropped after the block."""
        sibling = self.sibling()
        try:
            sibling.create()
            os.sync()  # pending disk writes of the copy would slow the next commits
            yield sibling
        finally:
            sibling.drop()


class Sqlite(Database):
    """A file in a folder, as the stages open it: WAL, synchronous=FULL."""

    columns_sql = "SELECT name FROM pragma_table_info(?)"

    def __init__(self, folder: Path, template: "Sqlite | None" = None) -> None:
        self._folder, self._template = folder, template
        self._file = folder / f"{next(self._numbers)}.sqlite3"
        self.url = sqlite_url(self._file)

    @contextmanager
    def connected(self) -> Iterator[Callable[..., Rows]]:
        opened = sqlite3.connect(self._file, timeout=20, isolation_level=None, check_same_thread=False)
        with closing(opened) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            yield lambda sql, *parameters: connection.execute(sql, parameters).fetchall()

    def moment(self, milliseconds: str) -> str:
        return f"strftime('%Y-%m-%d %H:%M:%f', ?, (({milliseconds}) / 1000.0) || ' seconds')"

    def sibling(self) -> "Sqlite":
        return Sqlite(self._folder, template=self)

    def create(self) -> None:
        """Copies the template. Without one, SQLite makes the file."""
        if self._template:
            self._template.execute("VACUUM INTO ?", str(self._file))

    def drop(self) -> None:
        for end in ("", "-wal", "-shm"):
            Path(f"{self._file}{end}").unlink(missing_ok=True)


class Postgres(Database):
    """A database of the server at TEST_POSTGRES_URL, with that server's settings."""

    columns_sql = "SELECT column_name FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position"

    def __init__(self, template: str = "template1") -> None:
        self._template = template
        self._name = f"bench_{os.getpid()}_{next(self._numbers)}"
        self.url = POSTGRES.rpartition("/")[0] + "/" + self._name

    def _on_server(self, sql: str) -> None:
        with psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3) as connection:
            connection.execute(sql.encode())

    @contextmanager
    def connected(self) -> Iterator[Callable[..., Rows]]:
        with psycopg.connect(make_conninfo(POSTGRES, dbname=self._name), autocommit=True) as connection:

            def run(sql: str, *parameters: Any) -> Rows:
                placed = sql.replace("?", "%s") if parameters else sql
                cursor = connection.execute(placed.encode(), parameters or None)
                return cursor.fetchall() if cursor.description else []

            yield run

    def analyze(self) -> None:
        """The autovacuum daemon does this within a minute."""
        self.execute("ANALYZE")

    def moment(self, milliseconds: str) -> str:
        return f"?::timestamptz + ({milliseconds}) * interval '1 millisecond'"

    def sibling(self) -> "Postgres":
        return Postgres(template=self._name)

    def create(self) -> None:
        # Nobody may be connected to a template, and a killed process leaves its connection open for a moment. PostgreSQL
        # waits five seconds for connections that end.
        ours = f"datname = '{self._template}' AND datname LIKE 'bench%'"
        self._on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
        self._on_server(f'CREATE DATABASE "{self._name}" TEMPLATE "{self._template}"')

    def drop(self) -> None:
        self._on_server(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')
