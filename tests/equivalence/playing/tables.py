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
    """What the tables hold, and which rows have changed since the last look."""

    def __init__(self, encryption_key: str) -> None:
        self._fernet = Fernet(encryption_key)
        self._unsealed: dict[str, str] = {}
        self._known: dict[str, str] = {}

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
        """The rows that are new or not as they were, and None for those that are gone; by table and key."""
        rows = {name: row for table in TABLES for name, row in self._rows(table, aliases)}
        changed: dict[str, str | None] = {name: row for name, row in rows.items() if self._known.get(name) != row}
        gone = dict.fromkeys(self._known.keys() - rows.keys())
        self._known = rows
        return {**changed, **gone}

    def _rows(self, table: str, aliases: Aliases) -> Iterable[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            columns = [column[0] for column in cursor.description]
            found = cursor.fetchall()
        for row in found:
            values = {name: self._compared(name, value, aliases) for name, value in zip(columns, row, strict=True)}
            yield f"{table} {values.pop('id')}", json.dumps(values, sort_keys=True)

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
    """The one value that a query finds, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row and row[0]


def execute(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
