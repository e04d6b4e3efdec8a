"""All that happened in a run, in order. Browsers, recordings and replays build the same picture from it."""

import json
import threading
import time
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

MOST_EVENTS = 250
MOST_BYTES = 32 * 1024 * 1024
MOST_STATES = 500  # records without an event; one that a later record replaces is the first to go


@dataclass(frozen=True)
class Record:
    """One thing that happened, as JSON. It belongs to an event, or has a key that a later record replaces."""

    number: int
    text: str
    event: int | None
    key: str


class Log:
    """The records of a run, oldest first; many threads may write and read it.

    Its size is limited: the oldest event is forgotten with all its records, and a record says so.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._records: list[Record] = []
        self._number = 0
        self._bytes = 0
        self._events: list[int] = []
        self._has_ended = False
        self._changed = threading.Condition()

    def add(self, kind: str, *, event: int | None = None, key: str = "", **content: Any) -> list[int]:
        """Adds a record; returns the events that had to be forgotten for it."""
        with self._changed:
            self._append(kind, event, key, content)
            forgotten = []
            while len(self._events) > MOST_EVENTS or (self._bytes > MOST_BYTES and self._events):
                forgotten.append(self._forget_oldest())
            if forgotten:
                self._append("forgotten", None, "forgotten", {"up_to": forgotten[-1]})
            if event is None:
                self._drop_replaced()
            self._changed.notify_all()
        return forgotten

    def after(self, number: int, seconds: float) -> list[Record]:
        """The records after this one, as soon as there are any; none when the seconds are over or the run has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_ended or self._number > number, seconds)
            return self._records[bisect_right(self._records, number, key=lambda record: record.number) :]

    @property
    def has_ended(self) -> bool:
        return self._has_ended

    def end(self) -> None:
        """Ends all waiting."""
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    def _append(self, kind: str, event: int | None, key: str, content: dict[str, Any]) -> None:
        self._number += 1
        passed = round(time.monotonic() - self._began, 3)
        about = {"n": self._number, "t": passed, "kind": kind} | ({} if event is None else {"event": event})
        record = Record(self._number, json.dumps(about | content), event, key)
        self._records.append(record)
        self._bytes += len(record.text)
        if event is not None and event not in self._events:
            self._events.append(event)

    def _forget_oldest(self) -> int:
        oldest = self._events.pop(0)
        self._keep([record for record in self._records if record.event != oldest])
        return oldest

    def _drop_replaced(self) -> None:
        states = [record for record in self._records if record.event is None]
        if len(states) <= MOST_STATES:
            return
        newest = {record.key: record.number for record in states}
        replaced = [record.number for record in states if newest[record.key] != record.number]
        dropped = set(replaced[: len(states) - MOST_STATES // 2])
        self._keep([record for record in self._records if record.number not in dropped])

    def _keep(self, records: list[Record]) -> None:
        self._records = records
        self._bytes = sum(len(record.text) for record in records)
