"""Faults of a database."""

import contextlib
import sqlite3
from collections.abc import Iterator
from urllib.parse import unquote

import psycopg

from harness.databases import Database


def is_sqlite(database: Database) -> bool:
    return database.url.startswith("sqlite")


@contextlib.contextmanager
def nobody_can_write(database: Database) -> Iterator[None]:
    """Inside, writers wait, because another connection holds SQLite's lock, or PostgreSQL's table of deliveries."""
    if is_sqlite(database):
        holder = sqlite3.connect(unquote(database.url.removeprefix("sqlite:///")), timeout=20, isolation_level=None)
        lock, release = "BEGIN EXCLUSIVE", "ROLLBACK"
    else:
        holder = psycopg.connect(database.url, autocommit=True)
        holder.execute("BEGIN")
        # Only one table: waiting for a second one while holding the first can be a deadlock.
        lock, release = "LOCK TABLE webhooks_delivery IN EXCLUSIVE MODE", "ROLLBACK"
    with contextlib.closing(holder):
        holder.execute(lock)
        try:
            yield
        finally:
            holder.execute(release)


@contextlib.contextmanager
def out_of_service(database: Database) -> Iterator[None]:
    """Inside, the database refuses: PostgreSQL every connection, SQLite a writer after its wait for the lock."""
    with nobody_can_write(database) if is_sqlite(database) else database.away():
        yield


def cut_connections(database: Database) -> None:
    """Ends every connection to PostgreSQL except the test's own. With SQLite, takes the lock and releases it."""
    if is_sqlite(database):
        with nobody_can_write(database):
            return
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
