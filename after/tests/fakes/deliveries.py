from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.rows import DeliveryRow
from webhooks.domain.answers import AttemptError
from webhooks.domain.client import day_of
from webhooks.domain.delivery import DeadDelivery, Held, Lease, NewDelivery, Settled, Snapshot, Status, is_leased
from webhooks.domain.fairness import IN_FLIGHT_PER_CLIENT, Queue

from .clients import endpoint_of
from .store import Store

NOT_WAITING = {"next_attempt_at": None, "token": None, "leased_until": None}


class FakeDeliveries:
    """The `Deliveries` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, event: int, new: Sequence[NewDelivery]) -> None:
        self._store.check()
        for one in new:
            key = self._store.next_key()
            columns = {name: getattr(one, name) for name in one.__dataclass_fields__} | {"mask": tuple(one.mask)}
            self._store.deliveries[key] = DeliveryRow(key=key, event=event, **columns)
        self._cancel(row for row in self._of_event(event) if self._store.clients[row.client].is_deleted)

    def queues(self, now: datetime, planned_by: datetime, *, limit: int, without: Collection[int]) -> list[Queue]:
        self._store.check()
        waiting = []
        for client in self._store.clients.values():
            due = sorted(self._due(now, planned_by, client=client.key), key=lambda row: row.next_attempt_at)
            if due and client.is_active and client.key not in without:
                queue = Queue(endpoint_of(client), [row.key for row in due[:IN_FLIGHT_PER_CLIENT]])
                waiting.append((due[0].next_attempt_at, client.key, queue))
        return [queue for _, _, queue in sorted(waiting, key=lambda one: one[:2])][:limit]

    def lease(
        self, keys: Sequence[int], queues: Sequence[Queue], lease: Lease, now: datetime, planned_by: datetime
    ) -> list[Held]:
        self._store.check_lock()
        endpoints = {queue.endpoint.client: queue.endpoint for queue in queues}
        claimed = [row for row in self._due(now, planned_by) if row.key in keys]
        for row in claimed:
            self._change(row.key, token=lease.token, leased_until=lease.until)
        return [self._held(row, endpoints[row.client], lease) for row in claimed]

    def tokens(self, keys: Collection[int]) -> dict[int, str | None]:
        self._store.check_lock()
        return {key: self._store.deliveries[key].token for key in keys if key in self._store.deliveries}

    def record(self, settled: Sequence[Settled]) -> None:
        self._store.check()
        for one in settled:
            row = self._store.deliveries[one.attempt.delivery]
            self._store.attempts.append(one.attempt)
            self._change(row.key, attempt_count=row.attempt_count + 1)
            if one.status is None or row.token != one.token:
                continue
            self._change(row.key, status=one.status, failed_in_round=one.failed_in_round)
            if not one.keeps_lease:
                self._change(row.key, **NOT_WAITING | {"next_attempt_at": one.next_attempt_at})

    def failed_days(self, client: int, failing_since: datetime, before: datetime) -> set[int]:
        failed = [one for one in self._store.attempts if one.error not in (None, AttemptError.INTERRUPTED)]
        mine = [one for one in failed if self._store.deliveries[one.delivery].client == client]
        days = {day_of(one.started_at, failing_since) for one in mine if one.started_at < before}
        return {day for day in days if day > 0}

    def locked(self, id: str, *, recent_from: datetime) -> Snapshot | None:
        self._store.check_lock()
        for row in self._store.deliveries.values():
            if row.id == id:
                client = self._store.clients[row.client]
                state = (row.status, row.body is not None, row.leased_until, client.is_active)
                return Snapshot(row.key, *state, self._recent(row.key, recent_from))
        return None

    def make_due(self, key: int, now: datetime) -> None:
        self._change(key, next_attempt_at=now)

    def start_rounds(self, keys: Sequence[int], now: datetime) -> None:
        for key in keys:
            self._change(key, **NOT_WAITING | {"status": Status.PENDING, "failed_in_round": 0, "next_attempt_at": now})

    def dead(
        self, client: int, since: datetime, until: datetime, *, behind: int, limit: int, recent_from: datetime
    ) -> list[DeadDelivery]:
        self._store.check_lock()
        rows = [row for row in self._store.deliveries.values() if row.client == client and row.body is not None]
        dead = [row for row in rows if row.status is Status.DEAD and since <= row.created_at < until]
        keys = sorted(row.key for row in dead if row.key > behind)
        return [DeadDelivery(key, self._recent(key, recent_from)) for key in keys[:limit]]

    def _recent(self, key: int, since: datetime) -> int:
        return sum(one.delivery == key and one.started_at > since for one in self._store.attempts)

    def cancel_pending(self, client: int) -> int:
        return self._cancel(row for row in self._store.deliveries.values() if row.client == client)

    def _due(self, now: datetime, planned_by: datetime, client: int | None = None) -> list[DeliveryRow]:
        rows = [row for row in self._store.deliveries.values() if client in (None, row.client)]
        rows = [row for row in rows if row.next_attempt_at is not None and row.next_attempt_at <= planned_by]
        return [row for row in rows if not is_leased(row.leased_until, now)]

    def _of_event(self, event: int) -> list[DeliveryRow]:
        return [row for row in self._store.deliveries.values() if row.event == event]

    def _cancel(self, rows: Iterable[DeliveryRow]) -> int:
        pending = [row for row in list(rows) if row.status is Status.PENDING]
        for row in pending:
            self._change(row.key, status=Status.CANCELLED, **NOT_WAITING)
        return len(pending)

    def _change(self, key: int, **columns: Any) -> None:
        self._store.check()
        self._store.deliveries[key] = replace(self._store.deliveries[key], **columns)

    def _held(self, row: DeliveryRow, endpoint: Any, lease: Lease) -> Held:
        event = self._store.events[row.event].event
        lost = Lease(row.token, row.leased_until) if row.token and row.leased_until else None
        return Held(
            key=row.key,
            id=row.id,
            event_id=event.id,
            endpoint=endpoint,
            customer=event.customer,
            body=row.body or b"",
            content_type=row.content_type,
            ack_rule=row.ack_rule,
            mask=row.mask,
            failed_before=row.failed_in_round,
            lease=lease,
            lost_lease=lost,
        )
