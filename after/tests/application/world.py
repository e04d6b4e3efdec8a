"""The use cases on fakes: a server without a database, a network and a clock of its own."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.builders import an_event
from tests.fakes import (
    FakeAttemptRecords,
    FakeClientChanges,
    FakeClients,
    FakeClock,
    FakeDoorbell,
    FakeDueDeliveries,
    FakeEvents,
    FakeOutbox,
    FakeRandomness,
    FakeRecipients,
    FakeRetries,
    FakeSecrets,
    FakeSender,
    FakeTransaction,
    Store,
)
from tests.rows import ClientRow, DeliveryRow, EventRow
from webhooks.application.accept_event import Acceptance
from webhooks.application.composing import Ports, UseCases, compose
from webhooks.application.deliver_due import FinishedAttempt
from webhooks.domain.answers import AttemptError, ClientAnswer
from webhooks.domain.delivery import Attempt, ClaimedDelivery
from webhooks.domain.event import Event
from webhooks.domain.formats.format import Platform
from webhooks.domain.keys import ClientKey


class World:
    """The set-up of a use case's tests, and the state that they check."""

    def __init__(self) -> None:
        self.store = store = Store()
        self.clock, self.randomness = FakeClock(), FakeRandomness()
        self.sender, self.doorbell = FakeSender(), FakeDoorbell(store)
        self.events, self.outbox, self.recipients = FakeEvents(store), FakeOutbox(store), FakeRecipients(store)
        self.clients, self.client_changes = FakeClients(store), FakeClientChanges(store)
        self.due_deliveries, self.attempt_records = FakeDueDeliveries(store), FakeAttemptRecords(store)
        self.retries, self.secrets, self.transaction = FakeRetries(store), FakeSecrets(), FakeTransaction(store)
        self.platform = Platform()

    def __getattr__(self, name: str) -> Any:
        """A use case, composed again for each call, because a test may replace what is behind a port."""
        if name not in UseCases.__dataclass_fields__:
            raise AttributeError(name)
        ports = Ports(**{port: getattr(self, port) for port in Ports.__dataclass_fields__})
        return getattr(compose(ports, self.platform), name)

    # Given

    def client(self, slug: str = "acme", **columns: Any) -> int:
        key = self.store.next_key()
        self.store.clients[key] = ClientRow(key, slug, endpoint_url=f"https://{slug}.example/hooks", **columns)
        return key

    def accept(self, event: Event | None = None, key: str | None = None, fingerprint: str = "f") -> Acceptance:
        """An accepted event, under a key of its own unless one is given."""
        return self.accept_event(event or an_event(), key or f"key-{self.store.next_key()}", fingerprint)

    def set(self, delivery: DeliveryRow, **columns: Any) -> None:
        """Puts a delivery into the state that a test needs."""
        self.store.set_delivery(delivery.key, **columns)

    def set_client(self, client_key: ClientKey, **columns: Any) -> None:
        """A concurrent change of a client."""
        self.store.clients[client_key] = replace(self.store.clients[client_key], **columns)

    def lose(self, *keys: int) -> None:
        """These deliveries were pruned."""
        for key in keys:
            del self.store.deliveries[key]

    def answers(self, *answers: ClientAnswer) -> None:
        """The endpoints' answers from now on; the last answer repeats."""
        waiting = list(answers)
        self.sender.answers = lambda request: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    # When

    def claim(
        self, slots: int = 10, in_flight: dict[int, int] | None = None, due_by: Any = None
    ) -> list[ClaimedDelivery]:
        return self.deliver_due.record_and_claim([], Counter(in_flight or {}), slots, due_by)

    def hand_in(self, *finished: FinishedAttempt) -> None:
        self.deliver_due.record_and_claim(finished, Counter(), 0)

    def deliver(self) -> int:
        """Runs a worker until nothing is due; returns the number of sent deliveries."""
        sent, claimed = 0, self.claim()
        while claimed:
            finished = [self.deliver_due.send(delivery) for delivery in claimed]
            sent += len(finished)
            claimed = self.deliver_due.record_and_claim(finished, Counter(), 10)
        return sent

    # Then

    @property
    def rows(self) -> list[DeliveryRow]:
        return list(self.store.deliveries.values())

    @property
    def row(self) -> DeliveryRow:
        """The only delivery."""
        (row,) = self.rows
        return row

    def row_of(self, client_key: ClientKey) -> DeliveryRow:
        (row,) = [row for row in self.rows if row.client_key == client_key]
        return row

    def client_row(self, client_key: ClientKey) -> ClientRow:
        return self.store.clients[client_key]

    @property
    def event_rows(self) -> list[EventRow]:
        return list(self.store.events.values())

    @property
    def attempts(self) -> list[Attempt]:
        return self.store.attempts

    def failed(self, delivery: DeliveryRow, started_at: datetime) -> None:
        """An attempt of a delivery that ran out of time."""
        self.store.attempts.append(Attempt(delivery.key, started_at, duration_ms=1, error=AttemptError.TIMEOUT))

    @property
    def errors(self) -> list[AttemptError | None]:
        return [attempt.error for attempt in self.attempts]

    @property
    def urls(self) -> list[str]:
        """The URLs of the sent requests, in order."""
        return [request.url for request in self.sender.sent]
