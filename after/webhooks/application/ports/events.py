"""Accepted events."""

from datetime import datetime
from typing import Protocol

from webhooks.domain.event import AcceptedEvent, Event
from webhooks.domain.keys import EventKey


class IdempotencyKeyTaken(Exception):
    """Another event has this idempotency key. The transaction cannot go on; read that event after its end."""


class Events(Protocol):
    def add(self, event: Event, *, now: datetime, idempotency_key: str | None, fingerprint: str | None) -> EventKey:
        """Stores an accepted event and returns its key. Raises IdempotencyKeyTaken."""
        ...

    def accepted_under(self, idempotency_key: str) -> AcceptedEvent | None: ...

    def prune(self, before: datetime) -> int:
        """Deletes older events whose deliveries have all ended, with the deliveries; returns the number of events."""
        ...
