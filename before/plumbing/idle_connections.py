"""Idle connections that wait for the next request, limited in number and in time."""

import resource
import select
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Hashable

from .connections import Connection
from .troubles import OurTrouble

IDLE_SECONDS = 30.0  # longer than the pause between two retries, shorter than the limit of most servers
MAX_IDLE = 500
DESCRIPTORS_FOR_OTHERS = 128  # the database, the broker, logs, look-ups, Python's own files


class IdleConnections:
    """The connections of a process to its clients' endpoints. Every key has its own: a client and an endpoint."""

    def __init__(self, descriptors: int | None = None) -> None:
        """`descriptors` is the process's limit of open files; the default is its soft RLIMIT_NOFILE."""
        self.max_open, self.max_idle = bounds(_soft_limit() if descriptors is None else descriptors)
        self.forget()

    def forget(self) -> None:
        """Begins without connections. After a fork, the earlier connections belong to the parent."""
        self._lock = threading.Lock()
        self._open = 0
        self._oldest_first: OrderedDict[Connection, tuple[Hashable, float]] = OrderedDict()
        self._of_key: defaultdict[Hashable, list[Connection]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._oldest_first)

    def take(self, key: Hashable) -> Connection | None:
        """The last used connection with this key whose other side is still there."""
        while True:
            with self._lock:
                if not self._of_key.get(key):
                    return None
                connection = self._of_key[key][-1]
                self._remove(connection)
            if connection.is_silent():
                return connection
            self.close(connection)

    def put(self, key: Hashable, connection: Connection) -> None:
        with self._lock:
            self._oldest_first[connection] = key, time.monotonic()
            self._of_key[key].append(connection)
            excess = self._remove_oldest() if len(self._oldest_first) > self.max_idle else None
        if excess:
            self.close(excess)

    def reserve(self) -> None:
        """Reserves a place for a new connection. If there is none, an idle connection is closed.

        `close` takes the reservation back. Raises OurTrouble if all are in use.
        """
        with self._lock:
            self._open += 1
            excess = self._remove_oldest() if self._open > self.max_open else None
            is_full = self._open > self.max_open and not excess
            self._open -= is_full
        if is_full:
            raise OurTrouble(f"all of this process's {self.max_open} connections are in use")
        if excess:
            self.close(excess)

    def close(self, connection: Connection | None) -> None:
        """Closes a connection; without an argument, takes a reservation back."""
        with self._lock:
            self._open -= 1
        if connection:
            connection.close()

    def close_all(self) -> None:
        """Closes all idle connections, because their descriptors are needed."""
        while True:
            with self._lock:
                connection = self._remove_oldest()
            if connection is None:
                return
            self.close(connection)

    def reap(self) -> None:
        """Closes connections that were idle for too long, or that the other side has ended or made unusable."""
        now = time.monotonic()
        with self._lock:
            old = [connection for connection, (_, since) in self._oldest_first.items() if now - since > IDLE_SECONDS]
            for connection in old:
                self._remove(connection)
            by_descriptor = {connection.fileno(): connection for connection in self._oldest_first}
        for connection in old:
            self.close(connection)
        poll = select.poll()
        for descriptor in by_descriptor:
            poll.register(descriptor, select.POLLIN)
        for descriptor, _ in poll.poll(0):
            self._reap_unless_silent(by_descriptor[descriptor])

    def _reap_unless_silent(self, connection: Connection) -> None:
        with self._lock:
            if connection not in self._oldest_first:
                return  # taken meanwhile, so that its taker looks
            key, since = self._oldest_first[connection]
            self._remove(connection)
        if connection.is_silent():
            with self._lock:
                self._oldest_first[connection] = key, since
                self._of_key[key].append(connection)
        else:
            self.close(connection)

    def _remove_oldest(self) -> Connection | None:
        connection = next(iter(self._oldest_first), None)
        if connection:
            self._remove(connection)
        return connection

    def _remove(self, connection: Connection) -> None:
        key, _ = self._oldest_first.pop(connection)
        same = self._of_key[key]
        same.remove(connection)
        if not same:
            del self._of_key[key]


def bounds(descriptors: int) -> tuple[int, int]:
    """The largest numbers of open and of idle connections in a process with this number of descriptors."""
    most = max(descriptors - min(DESCRIPTORS_FOR_OTHERS, descriptors // 2), 1)
    return most, max(min(most // 2, MAX_IDLE), 1)


def _soft_limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 20 if soft == resource.RLIM_INFINITY else soft
