"""The two worlds behind the ports of the database: a store of fakes, and Django's ORM.

`storage.clients`, `.events`, `.deliveries` are fresh repositories at every look, so that nothing is read back from
what an earlier one remembers. What a contract is not about is put into the tables, and read from them, past the ports.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction

from clients.models import Client
from tests.builders import NOW, an_event
from tests.fakes import (
    FakeAttemptRecords,
    FakeClientChanges,
    FakeClients,
    FakeDoorbell,
    FakeDueDeliveries,
    FakeEvents,
    FakeOutbox,
    FakeRecipients,
    FakeRetries,
    FakeTransaction,
    Store,
)
from tests.rows import ClientRow, DeliveryRow, EventRow
from webhooks.adapters.orm.clients import OrmClientChanges, OrmClients, OrmRecipients
from webhooks.adapters.orm.deliveries import OrmAttemptRecords, OrmDueDeliveries, OrmOutbox, OrmRetries
from webhooks.adapters.orm.events import OrmEvents, columns_of, customer_of, event_of
from webhooks.adapters.orm.models import Attempt as AttemptRow
from webhooks.adapters.orm.models import Delivery, Event
from webhooks.composition import in_transaction
from webhooks.domain.answers import AttemptError
from webhooks.domain.client import ClientStatus, DisabledReason
from webhooks.domain.delivery import Attempt, DueCondition, Lease, NewDelivery, Status
from webhooks.domain.keys import ClientKey, EventKey


class Storage:
    """The help of both worlds for a contract, in addition to their ports."""

    def add_delivery(
        self, client_key: ClientKey, id: str = "dlv_1", event_key: EventKey | None = None, **changes: Any
    ) -> int:
        """A pending delivery that is due; returns its key."""
        new = a_new_delivery(client_key, id, **changes)
        return self.put(event_key or self.add_event(f"evt_of_{id}", at=new.created_at), new)

    def lease(self, *keys: int, token: str = "token", now=NOW, seconds: float = 90) -> list:
        queues = self.due_deliveries.queues(DueCondition(now, now), limit=100, without=())
        with self.transaction():
            return self.due_deliveries.lease(
                keys, queues, Lease(token, now + timedelta(seconds=seconds)), DueCondition(now, now)
            )

    def status(self, id: str) -> Status:
        return self.delivery(id).status


def a_new_delivery(client_key: ClientKey, id: str = "dlv_1", **changes: Any) -> NewDelivery:
    fields = {
        "status": Status.PENDING,
        "created_at": NOW,
        "body": b'{"a":1}',
        "content_type": "application/json",
        "ack_rule": "2xx ok",
        "mask": ["customer.name"],
        "next_attempt_at": NOW,
    }
    return NewDelivery(id, client_key, **fields | changes)


class FakeStorage(Storage):
    def __init__(self) -> None:
        self.store = Store()
        self.transaction = FakeTransaction(self.store)
        self.bell = FakeDoorbell(self.store)

    @property
    def clients(self) -> FakeClients:
        return FakeClients(self.store)

    @property
    def client_changes(self) -> FakeClientChanges:
        return FakeClientChanges(self.store)

    @property
    def events(self) -> FakeEvents:
        return FakeEvents(self.store)

    @property
    def attempt_records(self) -> FakeAttemptRecords:
        return FakeAttemptRecords(self.store)

    @property
    def due_deliveries(self) -> FakeDueDeliveries:
        return FakeDueDeliveries(self.store)

    @property
    def outbox(self) -> FakeOutbox:
        return FakeOutbox(self.store)

    @property
    def recipients(self) -> FakeRecipients:
        return FakeRecipients(self.store)

    @property
    def retries(self) -> FakeRetries:
        return FakeRetries(self.store)

    def add_client(self, slug: str = "acme", **columns: Any) -> int:
        key = self.store.next_key()
        self.store.clients[key] = ClientRow(key, slug, **columns)
        return key

    def rename(self, key: int, name: str) -> None:
        self.store.clients[key] = replace(self.store.clients[key], name=name)

    def delete_client(self, key: int) -> None:
        self.store.clients[key] = replace(self.store.clients[key], is_deleted=True)

    def client(self, key: int) -> ClientRow:
        return self.store.clients[key]

    def add_event(self, id: str = "evt_1", at=NOW, key: str | None = None) -> int:
        row = EventRow(self.store.next_key(), an_event(id=id), at, key, key and "f")
        self.store.events[row.key] = row
        return row.key

    def put(self, event_key: EventKey, new: NewDelivery) -> int:
        columns = {name: getattr(new, name) for name in new.__dataclass_fields__} | {"mask": tuple(new.mask)}
        row = DeliveryRow(key=self.store.next_key(), event_key=event_key, **columns)
        self.store.deliveries[row.key] = row
        return row.key

    def end(self, key: int, status: Status) -> None:
        self.store.deliveries[key] = replace(self.store.deliveries[key], status=status, next_attempt_at=None)

    def event_ids(self) -> list[str]:
        return [row.event.id for row in self.store.events.values()]

    def event(self, key: int) -> tuple:
        row = self.store.events[key]
        return row.event, row.created_at, row.idempotency_key, row.fingerprint

    def delivery(self, id: str) -> DeliveryRow:
        (row,) = [row for row in self.store.deliveries.values() if row.id == id]
        return row

    def delivery_ids(self) -> list[str]:
        return [row.id for row in self.store.deliveries.values()]

    def attempts(self) -> list[Attempt]:
        return list(self.store.attempts)

    def forgetting(self, call, *args, **kwargs):
        """The call without its writes, like a repository that forgets to save."""
        picture = self.store.picture()
        try:
            return call(*args, **kwargs)
        finally:
            self.store.restore(picture)


class OrmStorage(Storage):
    def __init__(self) -> None:
        self.transaction = in_transaction

    @property
    def clients(self) -> OrmClients:
        return OrmClients()

    @property
    def client_changes(self) -> OrmClientChanges:
        return OrmClientChanges()

    @property
    def events(self) -> OrmEvents:
        return OrmEvents()

    @property
    def attempt_records(self) -> OrmAttemptRecords:
        return OrmAttemptRecords()

    @property
    def due_deliveries(self) -> OrmDueDeliveries:
        return OrmDueDeliveries()

    @property
    def outbox(self) -> OrmOutbox:
        return OrmOutbox()

    @property
    def recipients(self) -> OrmRecipients:
        return OrmRecipients()

    @property
    def retries(self) -> OrmRetries:
        return OrmRetries()

    def add_client(self, slug: str = "acme", is_deleted: bool = False, **columns: Any) -> int:
        row = ClientRow(0, slug, **columns)
        fields = {name: getattr(row, name) for name in row.__dataclass_fields__ if name not in ("key", "is_deleted")}
        fields |= {"event_types": list(row.event_types), "deleted_at": NOW if is_deleted else None}
        return Client.objects.create(**fields).pk

    def rename(self, key: int, name: str) -> None:
        Client.objects.filter(pk=key).update(name=name)

    def delete_client(self, key: int) -> None:
        Client.objects.filter(pk=key).update(deleted_at=NOW)

    def client(self, key: int) -> ClientRow:
        row = Client.objects.get(pk=key)
        names = set(ClientRow.__dataclass_fields__) - {"key", "is_deleted"}
        fields = {name: getattr(row, name) for name in names} | {"event_types": tuple(row.event_types)}
        fields |= {"status": ClientStatus(row.status), "is_deleted": row.deleted_at is not None}
        fields |= {"disabled_reason": row.disabled_reason and DisabledReason(row.disabled_reason)}
        return ClientRow(row.pk, **fields)

    def add_event(self, id: str = "evt_1", at=NOW, key: str | None = None) -> int:
        columns = columns_of(an_event(id=id))
        return Event.objects.create(**columns, created_at=at, idempotency_key=key, fingerprint=key and "f").pk

    def put(self, event_key: EventKey, new: NewDelivery) -> int:
        columns = {name: getattr(new, name) for name in new.__dataclass_fields__ if name not in ("id", "client_key")}
        columns |= {"mask": list(new.mask), "public_id": new.id, "client_id": new.client_key, "event_id": event_key}
        return Delivery.objects.create(**columns).pk

    def end(self, key: int, status: Status) -> None:
        Delivery.objects.filter(pk=key).update(status=status, next_attempt_at=None)

    def event_ids(self) -> list[str]:
        return list(Event.objects.order_by("pk").values_list("public_id", flat=True))

    def event(self, key: int) -> tuple:
        row = Event.objects.get(pk=key)
        assert customer_of(row) == event_of(row).customer
        return event_of(row), row.created_at, row.idempotency_key, row.fingerprint

    def delivery(self, id: str) -> DeliveryRow:
        row = Delivery.objects.get(public_id=id)
        return DeliveryRow(
            key=row.pk,
            id=row.public_id,
            event_key=row.event_id,
            client_key=row.client_id,
            status=Status(row.status),
            created_at=row.created_at,
            skip_reason=row.skip_reason,
            body=None if row.body is None else bytes(row.body),
            content_type=row.content_type,
            ack_rule=row.ack_rule,
            mask=tuple(row.mask),
            next_attempt_at=row.next_attempt_at,
            attempt_count=row.attempt_count,
            failed_in_round=row.attempts_this_round,
            token=row.lease_token,
            leased_until=row.leased_until,
        )

    def delivery_ids(self) -> list[str]:
        return list(Delivery.objects.order_by("pk").values_list("public_id", flat=True))

    def attempts(self) -> list[Attempt]:
        return [
            Attempt(
                row.delivery_id,
                row.started_at,
                row.duration_ms,
                row.response_status,
                row.error and AttemptError(row.error),
                row.response_excerpt,
            )
            for row in AttemptRow.objects.order_by("pk")
        ]

    def forgetting(self, call, *args, **kwargs):
        """The call without its writes, like a repository that forgets to save."""
        with transaction.atomic():
            answer = call(*args, **kwargs)
            transaction.set_rollback(True)
        return answer
