from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, assert_never

from tests.rows import DeliveryRow
from webhooks.application.ports import NoSuchDelivery
from webhooks.domain.answers import AttemptError
from webhooks.domain.client import day_of
from webhooks.domain.delivery import (
    Acknowledgement,
    AttemptOutcome,
    Cancellation,
    ClaimedDelivery,
    DeadDelivery,
    DeadLetter,
    DeliveryState,
    DueCondition,
    ImmediateRetry,
    LateAnswer,
    Lease,
    NewDelivery,
    NewRound,
    PlannedRetry,
    Recovery,
    Status,
)
from webhooks.domain.fairness import IN_FLIGHT_PER_CLIENT, ClientQueue
from webhooks.domain.keys import ClientKey, DeliveryKey, EventKey

from .clients import endpoint_of
from .store import Store

NOT_WAITING: dict[str, Any] = {"next_attempt_at": None, "token": None, "leased_until": None}


class FakeOutbox:
    """The `Outbox` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, event_key: EventKey, new: Sequence[NewDelivery], cancellation: Cancellation) -> None:
        self._store.check()
        for delivery in new:
            self._store.add_delivery(event_key, delivery)
        rows = [row for row in self._store.deliveries.values() if row.event_key == event_key]
        self._cancel((row for row in rows if self._store.clients[row.client_key].is_deleted), cancellation)

    def cancel(self, client_key: ClientKey, cancellation: Cancellation) -> int:
        rows = [row for row in self._store.deliveries.values() if row.client_key == client_key]
        return self._cancel(rows, cancellation)

    def _cancel(self, rows: Iterable[DeliveryRow], cancellation: Cancellation) -> int:
        ended = [row for row in rows if row.status is cancellation.of]
        for row in ended:
            self._store.set_delivery(row.key, status=cancellation.status, **NOT_WAITING)
        return len(ended)


class FakeDueDeliveries:
    """The `DueDeliveries` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def queues(self, due: DueCondition, *, limit: int, without: Collection[ClientKey]) -> list[ClientQueue]:
        self._store.check()
        waiting = []
        for client in self._store.clients.values():
            rows = [row for row in self._matching(due) if row.client_key == client.key]
            rows.sort(key=lambda row: row.next_attempt_at or due.now)
            if rows and client.is_active and client.key not in without:
                queue = ClientQueue(endpoint_of(client), [row.key for row in rows[:IN_FLIGHT_PER_CLIENT]])
                waiting.append((rows[0].next_attempt_at, client.key, queue))
        return [queue for _, _, queue in sorted(waiting, key=lambda place: place[:2])][:limit]

    def lease(
        self, keys: Sequence[DeliveryKey], queues: Sequence[ClientQueue], lease: Lease, due: DueCondition
    ) -> list[ClaimedDelivery]:
        self._store.check_lock()
        endpoints = {queue.endpoint.client_key: queue.endpoint for queue in queues}
        claimed = [row for row in self._matching(due) if row.key in keys]
        for row in claimed:
            self._store.set_delivery(row.key, token=lease.token, leased_until=lease.until)
        events = self._store.events
        return [row.claimed_delivery(events[row.event_key].event, endpoints[row.client_key], lease) for row in claimed]

    def _matching(self, due: DueCondition) -> list[DeliveryRow]:
        rows = self._store.deliveries.values()
        return [row for row in rows if due.includes(row.status, row.next_attempt_at, row.leased_until)]


class FakeAttemptRecords:
    """The `AttemptRecords` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def lock_tokens(self, keys: Collection[DeliveryKey]) -> dict[DeliveryKey, str | None]:
        self._store.check_lock()
        return {key: self._store.deliveries[key].token for key in keys if key in self._store.deliveries}

    def record(self, outcomes: Sequence[AttemptOutcome]) -> None:
        self._store.check()
        for outcome in outcomes:
            row = self._store.deliveries[outcome.attempt.delivery_key]
            self._store.attempts.append(outcome.attempt)
            self._store.set_delivery(row.key, attempt_count=row.attempt_count + 1)
            if not isinstance(outcome, LateAnswer) and row.token == outcome.token:
                self._store.set_delivery(row.key, failed_in_round=outcome.attempts_in_round, **changes_of(outcome))

    def failed_days(self, client_key: ClientKey, failing_since: datetime, before: datetime) -> set[int]:
        failed = [attempt for attempt in self._store.attempts if attempt.error not in (None, AttemptError.INTERRUPTED)]
        mine = [attempt for attempt in failed if self._store.deliveries[attempt.delivery_key].client_key == client_key]
        days = {day_of(attempt.started_at, failing_since) for attempt in mine if attempt.started_at < before}
        return {day for day in days if day > 0}


def changes_of(outcome: Acknowledgement | PlannedRetry | ImmediateRetry | DeadLetter) -> dict[str, Any]:
    match outcome:
        case Acknowledgement():
            return NOT_WAITING | {"status": Status.DELIVERED}
        case DeadLetter():
            return NOT_WAITING | {"status": Status.DEAD}
        case PlannedRetry():
            return NOT_WAITING | {"next_attempt_at": outcome.next_attempt_at}
        case ImmediateRetry():
            return {}
        case _:
            assert_never(outcome)


class FakeRetries:
    """The `Retries` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def lock(self, id: str, *, recent_from: datetime) -> DeliveryState:
        self._store.check_lock()
        for row in self._store.deliveries.values():
            if row.id == id:
                is_active = self._store.clients[row.client_key].is_active
                recent = self._recent(row.key, recent_from)
                return DeliveryState(row.key, row.status, row.body is not None, row.leased_until, is_active, recent)
        raise NoSuchDelivery

    def make_due(self, key: DeliveryKey, next_attempt_at: datetime) -> None:
        self._store.set_delivery(key, next_attempt_at=next_attempt_at)

    def start_rounds(self, keys: Sequence[DeliveryKey], new_round: NewRound) -> None:
        changes = {"status": new_round.status, "failed_in_round": new_round.attempts_in_round}
        for key in keys:
            planned = {"next_attempt_at": new_round.next_attempt_at}
            self._store.set_delivery(key, **NOT_WAITING | changes | planned)

    def recoverable(
        self, recovery: Recovery, *, behind: DeliveryKey, limit: int, recent_from: datetime
    ) -> list[DeadDelivery]:
        self._store.check_lock()
        rows = [row for row in self._store.deliveries.values() if row.key > behind]
        keys = sorted(
            row.key
            for row in rows
            if recovery.includes(row.client_key, row.status, row.created_at, is_rendered=row.body is not None)
        )
        return [DeadDelivery(key, self._recent(key, recent_from)) for key in keys[:limit]]

    def _recent(self, key: DeliveryKey, since: datetime) -> int:
        return sum(attempt.delivery_key == key and attempt.started_at > since for attempt in self._store.attempts)
