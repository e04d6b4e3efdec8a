"""The requests at a receiver, by path, and the script of its answers there."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .answers import Answer


@dataclass(frozen=True)
class Received:
    """One request as it arrived: `headers` by lower-case name (the last one wins), `header_list` exactly as sent."""

    method: str
    target: str
    version: str
    header_list: tuple[tuple[str, str], ...]
    body: bytes
    connection: int
    request_on_connection: int
    at: datetime
    monotonic: float

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.header_list}

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def kept_alive(self) -> bool:
        """Whether the connection had carried a request before this one."""
        return self.request_on_connection > 1


@dataclass
class Box:
    requests: list[Received] = field(default_factory=list)
    answers: tuple[Answer, ...] = (Answer(),)
    turn: int = 0
    in_flight: int = 0
    peak: int = 0


class Inboxes(Protocol):
    """The part of a receiver that an inbox needs."""

    changed: threading.Condition
    boxes: dict[str, Box]


class Inbox:
    """The requests to one path, and the script of its answers."""

    def __init__(self, receiver: Inboxes, path: str) -> None:
        self.receiver = receiver
        self.path = path

    def __len__(self) -> int:
        return len(self.requests)

    def __getitem__(self, index: int) -> Received:
        return self.requests[index]

    def __iter__(self) -> Iterator[Received]:
        return iter(self.requests)

    @property
    def requests(self) -> list[Received]:
        with self.receiver.changed:
            return list(self._box.requests)

    @property
    def last(self) -> Received:
        return self.requests[-1]

    @property
    def bodies(self) -> list[bytes]:
        return [request.body for request in self.requests]

    @property
    def in_flight(self) -> int:
        """Requests that have arrived completely, but are not completely answered."""
        return self._box.in_flight

    @property
    def peak(self) -> int:
        """The most requests that were in flight at once."""
        return self._box.peak

    def answer(self, *answers: Answer) -> None:
        """The answers to the next requests, in turn; the last repeats."""
        with self.receiver.changed:
            self._box.answers, self._box.turn = answers, 0

    def wait(self, count: int = 1, within: float = 15) -> list[Received]:
        """Waits until at least `count` requests arrived."""
        with self.receiver.changed:
            arrived = self.receiver.changed.wait_for(lambda: len(self._box.requests) >= count, within)
            got = len(self._box.requests)
        assert arrived, f"{self.path} got {got} of {count} requests within {within} s"
        return self.requests

    def wait_idle(self, within: float = 15) -> None:
        """Waits until nothing is in flight here."""
        with self.receiver.changed:
            assert self.receiver.changed.wait_for(lambda: self._box.in_flight == 0, within)

    @property
    def _box(self) -> Box:
        return self.receiver.boxes.setdefault(self.path, Box())
