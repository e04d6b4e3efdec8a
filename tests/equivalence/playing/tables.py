"""The stage's tables, read and emptied with plain SQL over the stage's own connection."""

import json
from collections.abc import Iterable
from typing import Any

from aliases import Aliases
from cryptography.fernet import Fernet
from django.db import connection

TABLES = ("clients_client", "clients_apikey", "webhooks_event", "webhooks_delivery", "webhooks_attempt")
EMPTIED = (*reversed(TABLES), "django_admin_log")
SEALED = ("signing_secret", "previous_secret")
REAL_TIME = ("duration_ms",)


class Tables:
    """The contents of the tables, and the rows that have changed since the last look."""

    def __init__(self, encryption_key: str) -> None:
        self._fernet = Fernet(encryption_key)
        self._unsealed: dict[str, str] = {}
        self._known: dict[str, tuple[tuple[Any, ...], str]] = {}

    def empty(self) -> None:
        """No clients, keys, events, deliveries and attempts, and all of them numbered from 1 again."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"TRUNCATE {', '.join(EMPTIED)} RESTART IDENTITY")
            else:
                for table in EMPTIED:
                    cursor.execute(f"DELETE FROM {table}")
                cursor.execute("DELETE FROM sqlite_sequence")
        self._known = {}

    def changes(self, aliases: Aliases) -> dict[str, str | None]:
        """The new and changed rows, and None for removed rows; by table and key."""
        changed: dict[str, str | None] = {}
        known, self._known = self._known, {}
        for table in TABLES:
            for name, columns, row in self._rows(table):
                if name in known and known[name][0] == row:
                    self._known[name] = known[name]
                    continue
                values = {
                    column: self._compared(column, value, aliases) for column, value in zip(columns, row, strict=True)
                }
                self._known[name] = row, json.dumps(values, sort_keys=True)
                if known.get(name, ((), ""))[1] != self._known[name][1]:
                    changed[name] = self._known[name][1]
        return {**changed, **dict.fromkeys(known.keys() - self._known.keys())}

    @staticmethod
    def _rows(table: str) -> Iterable[tuple[str, list[str], tuple[Any, ...]]]:
        """Each row with a name of its own and its columns."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield f"{table} {row[columns.index('id')]}", columns, tuple(row)

    def _compared(self, name: str, value: Any, aliases: Aliases) -> Any:
        if value is None or isinstance(value, (int, bool)):
            return "(real time)" if name in REAL_TIME else value
        if isinstance(value, (bytes, memoryview)):
            return aliases.text(bytes(value).decode(errors="surrogateescape"))
        if name in SEALED:
            if value not in self._unsealed:
                self._unsealed[value] = self._fernet.decrypt(value.encode()).decode()
            return aliases.text(self._unsealed[value])
        if name == "digest":
            return aliases.digest(value)
        if name == "lease_token":
            return f"(token {aliases.number('token', value)})"
        return aliases.text(value if isinstance(value, str) else str(value))


def value(sql: str, *parameters: Any) -> Any:
    """The only value that a query finds, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row and row[0]


def execute(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
