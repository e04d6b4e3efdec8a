"""The thread that ends attempts past their deadline and idle connections, which sending threads cannot end."""

import os
import threading
import time
from typing import Protocol
from weakref import WeakSet

from .connections import Connection
from .logs import get_logger
from .troubles import OurTrouble

log = get_logger(__name__)

LOOK_SECONDS = 0.25
REAP_SECONDS = 1.0


class Pool(Protocol):
    def reap(self) -> None:
        """Closes connections that are no longer used."""

    def forget(self) -> None:
        """Begins again in a forked process, without the parent's connections."""


class Watchman:
    """A process has one. Its thread starts with the first attempt, also in a forked process.

    A sending thread checks its deadline before each wait. If a call still keeps it too long, as OpenSSL could during a
    flood of records, its socket is shut down from here, and the call ends.
    """

    def __init__(self) -> None:
        self._pools: WeakSet[Pool] = WeakSet()
        self._forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._in_flight: dict[int, Connection] = {}
        for pool in list(self._pools):
            pool.forget()

    def look_after(self, pool: Pool) -> None:
        """Closes the pool's old connections from now on, as long as the pool exists."""
        self._pools.add(pool)

    def begin(self, connection: Connection) -> None:
        """An attempt uses the connection until `end`, or until its deadline. Raises OurTrouble without a thread."""
        if self._thread is None:
            self._start()
        self._in_flight[id(connection)] = connection

    def end(self, connection: Connection) -> None:
        self._in_flight.pop(id(connection), None)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._watch, name="watchman", daemon=True)
                try:
                    thread.start()
                except RuntimeError as error:
                    raise OurTrouble("no thread to watch the deadlines") from error
                self._thread = thread

    def _watch(self) -> None:
        next_reaping = 0.0
        while True:
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for connection in list(self._in_flight.values()):
                if connection.deadline <= now:
                    connection.shut_down()
            if now >= next_reaping:
                next_reaping = now + REAP_SECONDS
                for pool in list(self._pools):
                    self._reap(pool)

    def _reap(self, pool: Pool) -> None:
        try:
            pool.reap()
        except Exception as exception:  # without this thread no deadline would hold
            log.error("reaping_failed", exception=repr(exception))
