from datetime import datetime

from tests.rows import EventRow
from webhooks.application.ports import IdempotencyKeyTaken
from webhooks.domain.event import AcceptedEvent, Event
from webhooks.domain.keys import EventKey

from .store import Store


class FakeEvents:
    """The `Events` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, event: Event, *, now: datetime, idempotency_key: str | None, fingerprint: str | None) -> EventKey:
        self._store.check()
        if self._under(idempotency_key):
            self._store.is_lost = self._store.in_transaction
            raise IdempotencyKeyTaken
        key = self._store.next_key()
        self._store.events[key] = EventRow(key, event, now, idempotency_key, fingerprint)
        return key

    def accepted_under(self, idempotency_key: str) -> AcceptedEvent | None:
        self._store.check()
        row = self._under(idempotency_key)
        return row and AcceptedEvent(row.event.id, row.fingerprint or "", len(self._deliveries_of(row)))

    def prune(self, before: datetime) -> int:
        self._store.check()
        old = [row for row in self._store.events.values() if row.created_at < before]
        ended = [row for row in old if all(delivery.status.has_ended for delivery in self._deliveries_of(row))]
        for row in ended:
            gone = {delivery.key for delivery in self._deliveries_of(row)}
            self._store.attempts = [attempt for attempt in self._store.attempts if attempt.delivery_key not in gone]
            self._store.deliveries = {key: one for key, one in self._store.deliveries.items() if key not in gone}
            del self._store.events[row.key]
        return len(ended)

    def _under(self, idempotency_key: str | None) -> EventRow | None:
        if idempotency_key is None:
            return None
        rows = self._store.events.values()
        return next((row for row in rows if row.idempotency_key == idempotency_key), None)

    def _deliveries_of(self, row: EventRow) -> list:
        return [delivery for delivery in self._store.deliveries.values() if delivery.event_key == row.key]
