"""Name look-ups that block no other attempt: each has its own thread, and there are never many."""

import socket
import threading
import time
from collections.abc import Hashable
from concurrent.futures import Future
from ipaddress import ip_address
from typing import Any

from .troubles import OURS, OurTrouble

# `getaddrinfo` has no time limit, and a resolver may take most of a minute, so a hanging thread is abandoned.
MAX_LOOK_UPS = 64
MAX_LOOK_UPS_PER_CLIENT = 2  # for its endpoint and for its former endpoint

Target = tuple[int, Any]
"""A socket's family, and the address to connect to as `getaddrinfo` returns it."""


class LookUps:
    """Attempts of one client that ask for the same name at the same time share one look-up."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begins without look-ups. After a fork, the earlier threads belong to the parent."""
        self._lock = threading.Lock()
        self._running: dict[tuple[Hashable, str, int], Future[list[Target]]] = {}

    def targets(self, client: Hashable, host: str, port: int, deadline: float) -> list[Target]:
        """The host's addresses, each once, in the resolver's order. Raises OSError, or TimeoutError at the deadline."""
        literal = _literal(host, port)
        if literal:
            return [literal]
        found = self._start_or_join(client, host, port)
        return found.result(max(deadline - time.monotonic(), 0))

    def _start_or_join(self, client: Hashable, host: str, port: int) -> Future[list[Target]]:
        key = (client, host, port)
        with self._lock:
            if key in self._running:
                return self._running[key]
            if sum(other == client for other, _, _ in self._running) >= MAX_LOOK_UPS_PER_CLIENT:
                raise TimeoutError("the client's names are looked up too slowly")
            if len(self._running) >= MAX_LOOK_UPS:
                raise OurTrouble("too many look-ups hang")
            found = self._running[key] = Future()
        try:
            threading.Thread(target=self._look_up, args=(key, found), name="look-up", daemon=True).start()
        except RuntimeError as error:
            self._end(key)
            found.set_exception(OurTrouble("no thread for a look-up"))
            raise OurTrouble("no thread for a look-up") from error
        return found

    def _look_up(self, key: tuple[Hashable, str, int], found: "Future[list[Target]]") -> None:
        _, host, port = key
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            targets = list(dict.fromkeys((int(family), target) for family, _, _, _, target in addresses))
        except Exception as exception:  # also a codec's error on a strange name; the attempt raises it
            self._end(key)
            found.set_exception(_failure(exception))
        else:
            self._end(key)
            found.set_result(targets)

    def _end(self, key: tuple[Hashable, str, int]) -> None:
        with self._lock:
            self._running.pop(key, None)


def _failure(exception: Exception) -> Exception:
    """A resolver's failure as one. If it stops half-way, Python raises an OSError with a number left from another call."""
    if isinstance(exception, OSError) and not isinstance(exception, socket.gaierror) and exception.errno not in OURS:
        return socket.gaierror(socket.EAI_SYSTEM, f"the resolver failed: {exception}")
    return exception


def _literal(host: str, port: int) -> Target | None:
    """The target of a host that is an address; other spellings of an address, such as `127.1`, go to the resolver."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if address.version == 4:
        return socket.AF_INET, (host, port)
    return None if "%" in host else (socket.AF_INET6, (host, port, 0, 0))
