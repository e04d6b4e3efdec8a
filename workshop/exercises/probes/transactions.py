"""Others who use the database at the same time: what a transaction keeps apart, and what it holds up."""

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes.database import make

Result = TypeVar("Result")
SECONDS_BESIDE = 3  # that a call beside may take; a database answers in milliseconds


@contextmanager
def database() -> Iterator[None]:
    """The database that `database.make` makes, and `beside` shares it.

    A transaction of this thread reads what others have committed meanwhile, as PostgreSQL's do by default. SQLite's
    own way, where a look keeps all others from writing, would hide what goes wrong between a look and a write.
    """
    from django.db import connection

    make()
    held = connection.get_new_connection(connection.get_connection_params())  # or it would end with this thread's
    if not held.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise RuntimeError("this SQLite does not share a database in memory between connections")
    _read_what_others_commit()
    try:
        yield
    finally:
        held.close()


def died() -> None:
    """After a Crash: the process is gone, its connection with it, and whatever that had not committed.

    A Crash between a `with` block and its end would otherwise leave the transaction open, as no process can.
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
    """A call beside this one would wait until this one's transaction has ended."""


class Held(Exception):
    """A call beside this one waits for something outside the database, such as a lock in memory."""


def beside(call: Callable[[], Result]) -> Result:
    """Makes a call as another process would: in a thread, with a database connection of its own.

    Raises Waits where it came upon rows that this thread has written and not committed; nothing of it is left then.
    Raises Held where it waits for something else that this thread has: another process would not, and so not wait.
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
                connection.connection.close()  # Django keeps one to a database in memory

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS_BESIDE)
    if thread.is_alive():
        raise Held("it waits for something in this process, and another process would not")
    if raised and isinstance(raised[0], OperationalError) and "locked" in str(raised[0]):
        raise Waits from raised[0]
    if raised:
        raise raised[0]
    return ended[0]


@contextmanager
def calls_in_transactions(project: Project, but: str) -> Iterator[list[Finding]]:
    """Gathers the lines that open a network connection while a transaction is open; `but` is the file that may."""
    import socket

    from django.db import connection

    found: list[Finding] = []
    kept = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if connection.in_atomic_block:
            frames = [(project.relative(frame.filename), frame.lineno) for frame in traceback.extract_stack()]
            file, line = next(((file, line) for file, line in reversed(frames) if file and file != but), ("", 0))
            found.append(Finding(file or "", line or 0, "a network call while a transaction is open"))
        kept(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign,assignment]
    try:
        yield found
    finally:
        socket.socket.connect = kept  # type: ignore[method-assign]
