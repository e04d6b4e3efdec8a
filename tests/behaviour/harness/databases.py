"""The database of the stage under test: its URL, SQL on it, and its end."""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.rows import dict_row

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


class Unreachable(Exception):
    """No database server answers at the address that the suite was given."""


class Database:
    """SQL from outside, each statement a transaction of its own. `?` is the placeholder on both engines."""

    url: str
    _surplus: dict[str, str]

    def execute(self, sql: str, *parameters: Any) -> int:
        """Runs one statement and returns its number of changed rows. Arguments may be datetime values."""
        raise NotImplementedError

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        raise NotImplementedError

    def _tables(self) -> list[str]:
        raise NotImplementedError

    def drop(self) -> None:
        raise NotImplementedError

    def go_away(self) -> None:
        """Makes every connection fail, the open ones too."""
        raise NotImplementedError

    def come_back(self) -> None:
        raise NotImplementedError

    def files(self) -> list[bytes]:
        """The contents of the database's files, as far as they can be read from here."""
        return []

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Inside, no connection to the database works."""
        self.go_away()
        try:
            yield
        finally:
            self.come_back()

    def row(self, sql: str, *parameters: Any) -> dict[str, Any]:
        """The only row."""
        (row,) = self.rows(sql, *parameters)
        return row

    def value(self, sql: str, *parameters: Any) -> Any:
        """The only column of the only row."""
        (value,) = self.row(sql, *parameters).values()
        return value

    def keep_what_is_there(self) -> None:
        """From now on `empty` keeps the rows of this moment: migrations, permissions, the harness's key."""
        self._surplus = {}
        for table in self._tables():
            self._surplus[table] = f'FROM "{table}"'
            if self.value(f'SELECT count(*) FROM "{table}"'):
                kept = ", ".join(str(row["id"]) for row in self.rows(f'SELECT id FROM "{table}"'))
                self._surplus[table] += f" WHERE id NOT IN ({kept})"

    def empty(self) -> None:
        # One query for all tables, because most are empty and each query is a round trip to the server.
        asked = [
            f"SELECT '{table}' AS name WHERE EXISTS (SELECT 1 {surplus})" for table, surplus in self._surplus.items()
        ]
        filled = [row["name"] for row in self.rows(" UNION ALL ".join(asked))]
        if filled:
            # Foreign keys are checked at the end of the transaction, so the order of the tables is free.
            self._transaction([f"DELETE {self._surplus[table]}" for table in filled])

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table, to check that a refused request changed nothing or that a secret is not stored."""
        return {table: self.rows(f'SELECT * FROM "{table}" ORDER BY 1') for table in self._tables()}

    def _transaction(self, statements: list[str]) -> None:
        raise NotImplementedError

    @staticmethod
    def time(value: Any) -> datetime | None:
        """A timestamp column's value as an aware datetime; SQLite keeps them as text."""
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)

    @staticmethod
    def json(value: Any) -> Any:
        """A JSON column's value; SQLite keeps them as text."""
        return json.loads(value) if isinstance(value, str) else value


class Sqlite(Database):
    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.file = folder / "webhooks.sqlite3"
        self.url = f"sqlite:///{quote(str(self.file))}"
        self._opened: sqlite3.Connection | None = None

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = sqlite3.connect(self.file, timeout=20, isolation_level=None)
            self._opened.row_factory = sqlite3.Row
            self._opened.execute("PRAGMA synchronous = OFF")
        return self._opened

    def execute(self, sql: str, *parameters: Any) -> int:
        return self._connection.execute(sql, [self._adapted(value) for value in parameters]).rowcount

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        found = self._connection.execute(sql, [self._adapted(value) for value in parameters])
        return [dict(row) for row in found]

    def _tables(self) -> list[str]:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        return [row["name"] for row in self.rows(names)]

    def _transaction(self, statements: list[str]) -> None:
        self._connection.executescript(";\n".join(["BEGIN IMMEDIATE", *statements, "COMMIT"]))

    @staticmethod
    def _adapted(value: Any) -> Any:
        """Times as Django writes them to SQLite."""
        if isinstance(value, datetime):
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
        return value

    def go_away(self) -> None:
        self._close()
        self.folder.rename(self.folder.with_suffix(".away"))

    def come_back(self) -> None:
        self.folder.with_suffix(".away").rename(self.folder)

    def files(self) -> list[bytes]:
        # Closing a file drops every POSIX lock of this process on it, SQLite's own too. Another process could then
        # believe to be the last user, and delete the log that our connection uses. So there must be no connection.
        self._close()
        return [file.read_bytes() for file in self.folder.iterdir()]

    def drop(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None


class Postgres(Database):
    def __init__(self, name: str) -> None:
        self.name = name
        try:
            self._server = psycopg.connect(POSTGRES_URL, autocommit=True, connect_timeout=3)
        except psycopg.OperationalError as exception:
            raise Unreachable(f"no PostgreSQL at TEST_POSTGRES_URL: {exception}") from exception
        self._server.execute(f'CREATE DATABASE "{name}"')
        # No test ends the server of the database, so nothing depends on a commit being on the disk when it returns.
        self._server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        self.url = POSTGRES_URL.rpartition("/")[0] + "/" + name
        self._opened: psycopg.Connection[dict[str, Any]] | None = None

    @property
    def _connection(self) -> psycopg.Connection[dict[str, Any]]:
        if self._opened is None:
            self._opened = psycopg.connect(self.url, autocommit=True, row_factory=dict_row)
        return self._opened

    def execute(self, sql: str, *parameters: Any) -> int:
        return self._run(sql, parameters).rowcount

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        return self._run(sql, parameters).fetchall()

    def _run(self, sql: str, parameters: tuple[Any, ...]) -> psycopg.Cursor[dict[str, Any]]:
        placed = sql.replace("%", "%%").replace("?", "%s") if parameters else sql
        return self._connection.execute(placed.encode(), parameters or None)

    def _tables(self) -> list[str]:
        return [row["tablename"] for row in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]

    def _transaction(self, statements: list[str]) -> None:
        self._connection.execute(";\n".join(["BEGIN", *statements, "COMMIT"]).encode())

    def go_away(self) -> None:
        self._close()
        self._server.execute(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS false')
        self._server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.name])

    def come_back(self) -> None:
        self._server.execute(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS true')

    def drop(self) -> None:
        self._close()
        self._server.execute(f'DROP DATABASE "{self.name}" WITH (FORCE)')
        self._server.close()

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None
