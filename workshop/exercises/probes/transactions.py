"""Other connections that use the database at the same time: what a transaction isolates, and what it blocks."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

from workshop.exercises.findings import Finding, Project, running_lines
from workshop.exercises.probes.database import make

Result = TypeVar("Result")
SECONDS_BESIDE = 3  # seconds that a concurrent call may take; a database answers in milliseconds


@contextmanager
def database() -> Iterator[None]:
    """Makes a database as `database.make` does, but one that `beside` can share.

    A transaction of this thread reads what other connections have committed meanwhile, as with PostgreSQL by default.
    In SQLite's own mode a read blocks all writers, which would hide mistakes between a read and a write.
    """
    from django.db import connection

    make()
    # Without this second connection, the database ends with this thread's own.
    held = connection.get_new_connection(connection.get_connection_params())
    if not held.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise RuntimeError("this SQLite does not share a database in memory between connections")
    _read_what_others_commit()
    try:
        yield
    finally:
        held.close()


def died() -> None:
    """After a Crash: closes the connection, so that all uncommitted writes are lost, as when a process dies.

    Otherwise a Crash inside a `with` block could leave the transaction open, which a dead process cannot.
    """
    from django.db import connection

    connection.connection.close()
    connection.connect()
    _read_what_others_commit()


def _read_what_others_commit() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA read_uncommitted = 1")


class Waits(Exception):
    """A concurrent call would wait until this thread's transaction has ended."""


class Held(Exception):
    """A concurrent call waits for something outside the database, such as a lock in memory."""


def beside(call: Callable[[], Result]) -> Result:
    """Makes a call as another process would: in a thread, with a database connection of its own.

    Raises Waits if it meets rows that this thread has written but not committed; then its own writes are gone.
    Raises Held if it waits for something else in this process, such as a lock. Another process would not wait for it.
    """
    from django.db import OperationalError, connection

    ended: list[Result] = []
    raised: list[Exception] = []

    def run() -> None:
        try:
            ended.append(call())
        except Exception as error:
            raised.append(error)
        finally:
            if connection.connection is not None:
                connection.connection.close()  # Django keeps a connection to a database in memory open

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS_BESIDE)
    if thread.is_alive():
        raise Held("it waits for something in this process; code in another process would not wait")
    if raised and isinstance(raised[0], OperationalError) and "locked" in str(raised[0]):
        raise Waits from raised[0]
    if raised:
        raise raised[0]
    return ended[0]


@contextmanager
def calls_in_transactions(project: Project, but: str) -> Iterator[list[Finding]]:
    """Collects the lines that open a network connection while a transaction is open; the file `but` may do so."""
    from django.db import connection

    found: list[Finding] = []
    kept = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if connection.in_atomic_block:
            file, line = next((place for place in running_lines(project) if place[0] != but), ("", 0))
            found.append(Finding(file, line, "a network call while a transaction is open"))
        kept(self, address)

    with patch.object(socket.socket, "connect", connect):
        yield found
