"""The databases of a bench: each measurement gets a fresh copy of a prepared one, so none sees what another left."""

import itertools
import os
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from workshop import sqlite_url
from workshop.harness.testing import POSTGRES

SECONDS_TO_COPY = 20


class Database(ABC):
    """One database. `execute` is a transaction of its own; `?` is the placeholder."""

    url: str

    @abstractmethod
    def execute(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Runs one statement and returns its rows, none if it has none."""

    @abstractmethod
    def columns(self, table: str) -> list[str]:
        """The table's columns but its key, which the database gives."""

    @abstractmethod
    def analyze(self) -> None:
        """Does what the database would soon do by itself after many rows have come in."""

    @abstractmethod
    def moment(self, milliseconds: str) -> str:
        """SQL for a moment, the placeholder's, and so many milliseconds (SQL too) later."""

    @abstractmethod
    def sibling(self) -> "Database":
        """A database that `create` will make with this one's content. Nothing else may use this one meanwhile."""

    @abstractmethod
    def create(self) -> None:
        """Makes it. Before that it can be dropped too: so an interrupted bench leaves nothing behind."""

    @abstractmethod
    def commits_per_second(self, seconds: float) -> float:
        """How often one row changes and is committed, with the settings that the stage has."""

    @abstractmethod
    def drop(self) -> None:
        """Removes it and all that is in it."""

    @contextmanager
    def copied(self) -> Iterator["Database"]:
        """A copy that is gone afterwards."""
        sibling = self.sibling()
        try:
            sibling.create()
            os.sync()  # what copying left for the disk to write would slow the commits of the next seconds
            yield sibling
        finally:
            sibling.drop()


class Sqlite(Database):
    """A file in a folder, as the stages open it: WAL, synchronous=FULL."""

    _numbers = itertools.count()

    def __init__(self, folder: Path, template: "Sqlite | None" = None) -> None:
        self._folder = folder
        self._template = template
        self._file = folder / f"{next(self._numbers)}.sqlite3"
        self.url = sqlite_url(self._file)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=20, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def execute(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        connection = self._connect()
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def columns(self, table: str) -> list[str]:
        return [name for (name,) in self.execute("SELECT name FROM pragma_table_info(?)", table) if name != "id"]

    def analyze(self) -> None:
        """SQLite does nothing by itself."""

    def moment(self, milliseconds: str) -> str:
        return f"strftime('%Y-%m-%d %H:%M:%f', ?, (({milliseconds}) / 1000.0) || ' seconds')"

    def sibling(self) -> "Sqlite":
        return Sqlite(self._folder, template=self)

    def create(self) -> None:
        """Copies the template. An empty file makes itself."""
        if self._template:
            self._template.execute("VACUUM INTO ?", str(self._file))

    def commits_per_second(self, seconds: float) -> float:
        connection = self._connect()
        try:
            connection.execute("CREATE TABLE bench (id INTEGER PRIMARY KEY, turn INTEGER)")
            connection.execute("INSERT INTO bench VALUES (1, 0)")
            return _per_second(lambda: connection.execute("UPDATE bench SET turn = turn + 1 WHERE id = 1"), seconds)
        finally:
            connection.close()

    def drop(self) -> None:
        for end in ("", "-wal", "-shm"):
            Path(f"{self._file}{end}").unlink(missing_ok=True)


class Postgres(Database):
    """A database of the server at TEST_POSTGRES_URL, with that server's settings."""

    _numbers = itertools.count()

    def __init__(self, template: str = "template1") -> None:
        self._template = template
        self._name = f"bench_{os.getpid()}_{next(self._numbers)}"
        self.url = POSTGRES.rpartition("/")[0] + "/" + self._name

    def _on_server(self, sql: str) -> None:
        with psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3) as connection:
            connection.execute(sql.encode())

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(make_conninfo(POSTGRES, dbname=self._name), autocommit=True)

    def execute(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self._connect() as connection:
            placed = sql.replace("?", "%s") if parameters else sql
            cursor = connection.execute(placed.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def columns(self, table: str) -> list[str]:
        asked = "SELECT column_name FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position"
        return [name for (name,) in self.execute(asked, table) if name != "id"]

    def analyze(self) -> None:
        """The autovacuum daemon does this within a minute."""
        self.execute("ANALYZE")

    def moment(self, milliseconds: str) -> str:
        return f"?::timestamptz + ({milliseconds}) * interval '1 millisecond'"

    def sibling(self) -> "Postgres":
        return Postgres(template=self._name)

    def create(self) -> None:
        # A template must have no user, and a process that was killed leaves its connection behind for a moment.
        ours = f"datname = '{self._template}' AND datname LIKE 'bench%'"
        self._on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
        deadline = time.monotonic() + SECONDS_TO_COPY
        while True:
            try:
                return self._on_server(f'CREATE DATABASE "{self._name}" TEMPLATE "{self._template}"')
            except psycopg.errors.ObjectInUse:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def commits_per_second(self, seconds: float) -> float:
        with self._connect() as connection:
            connection.execute("CREATE TABLE bench (id int PRIMARY KEY, turn int)")
            connection.execute("INSERT INTO bench VALUES (1, 0)")
            return _per_second(lambda: connection.execute("UPDATE bench SET turn = turn + 1 WHERE id = 1"), seconds)

    def drop(self) -> None:
        self._on_server(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')


def _per_second(act: Any, seconds: float) -> float:
    began = time.monotonic()
    times = 0
    while (took := time.monotonic() - began) < seconds:
        act()
        times += 1
    return times / took
