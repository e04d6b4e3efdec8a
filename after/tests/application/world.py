"""The use cases on fakes: a server without a database, a network and a clock of its own."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.builders import an_event
from tests.fakes import (
    FakeClients,
    FakeClock,
    FakeDeliveries,
    FakeDoorbell,
    FakeEvents,
    FakeRandomness,
    FakeSecrets,
    FakeSender,
    FakeTransaction,
    Store,
)
from tests.rows import ClientRow, DeliveryRow, EventRow
from webhooks.application.accept_event import Accepted, AcceptEvent, FanOut, SendTestEvent
from webhooks.application.change_client import CancelDeliveries, ChangeClient, NewSigningSecret, RotateSecret
from webhooks.application.deliver_due import DeliverDue, Finished
from webhooks.application.preview_event import PreviewEvent
from webhooks.application.prune_events import PruneEvents
from webhooks.application.retry_delivery import RecoverDeliveries, RetryDelivery
from webhooks.domain.answers import Answer, AttemptError
from webhooks.domain.delivery import Attempt, Held
from webhooks.domain.event import Event
from webhooks.domain.formats.format import Platform


class World:
    """Everything that a test of a use case arranges and looks at."""

    def __init__(self) -> None:
        self.store = store = Store()
        self.clock, self.randomness = FakeClock(), FakeRandomness()
        self.sender, self.doorbell = FakeSender(), FakeDoorbell(store)
        self.clients, self.events, self.deliveries = FakeClients(store), FakeEvents(store), FakeDeliveries(store)
        self.transaction = FakeTransaction(store)
        self.platform = Platform()
        self.prune_events = PruneEvents(self.events, self.clock)
        self.new_signing_secret = NewSigningSecret(FakeSecrets())
        self.rotate_secret = RotateSecret(self.clients, FakeSecrets(), self.transaction, self.clock)
        self.change_client = ChangeClient(self.clients, self.transaction)
        self.cancel_deliveries = CancelDeliveries(self.deliveries)

    # The use cases whose ports a test may put something else behind

    @property
    def accept_event(self) -> AcceptEvent:
        return AcceptEvent(self.events, self._fan_out, self.transaction, self.clients)

    @property
    def send_test_event(self) -> SendTestEvent:
        return SendTestEvent(self._fan_out, self.transaction, self.clients, self.clock)

    @property
    def preview_event(self) -> PreviewEvent:
        return PreviewEvent(self.clients, self.randomness, self.platform)

    @property
    def deliver_due(self) -> DeliverDue:
        return DeliverDue(self.deliveries, self.clients, self.sender, self.transaction, self.clock, self.randomness)

    @property
    def retry_delivery(self) -> RetryDelivery:
        return RetryDelivery(self.deliveries, self.transaction, self.clock, self.doorbell)

    @property
    def recover_deliveries(self) -> RecoverDeliveries:
        return RecoverDeliveries(self.deliveries, self.clients, self.transaction, self.clock, self.doorbell)

    @property
    def _fan_out(self) -> FanOut:
        return FanOut(self.events, self.deliveries, self.clock, self.randomness, self.doorbell, self.platform)

    # Given

    def client(self, slug: str = "acme", **columns: Any) -> int:
        key = self.store.next_key()
        self.store.clients[key] = ClientRow(key, slug, endpoint_url=f"https://{slug}.example/hooks", **columns)
        return key

    def accept(self, event: Event | None = None, key: str | None = None, fingerprint: str = "f") -> Accepted:
        """An accepted event, under a key of its own unless one is given."""
        return self.accept_event(event or an_event(), key or f"key-{self.store.next_key()}", fingerprint)

    def set(self, delivery: DeliveryRow, **columns: Any) -> None:
        """Puts a delivery where a test needs it."""
        self.deliveries._change(delivery.key, **columns)

    def set_client(self, client: int, **columns: Any) -> None:
        """What somebody else did to a client meanwhile."""
        self.store.clients[client] = replace(self.store.clients[client], **columns)

    def lose(self, *keys: int) -> None:
        """These deliveries were pruned."""
        for key in keys:
            del self.store.deliveries[key]

    def answers(self, *answers: Answer) -> None:
        """What the endpoints answer from now on, the last one for ever."""
        waiting = list(answers)
        self.sender.answers = lambda outgoing: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    # When

    def claim(self, slots: int = 10, in_flight: dict[int, int] | None = None, planned_by: Any = None) -> list[Held]:
        return self.deliver_due.exchange([], Counter(in_flight or {}), slots, planned_by)

    def hand_in(self, *finished: Finished) -> None:
        self.deliver_due.exchange(finished, Counter(), 0)

    def deliver(self) -> int:
        """What a worker does until nothing is due; how many it sent."""
        sent, claimed = 0, self.claim()
        while claimed:
            finished = [self.deliver_due.send(held) for held in claimed]
            sent += len(finished)
            claimed = self.deliver_due.exchange(finished, Counter(), 10)
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

    def row_of(self, client: int) -> DeliveryRow:
        (row,) = [row for row in self.rows if row.client == client]
        return row

    def client_row(self, client: int) -> ClientRow:
        return self.store.clients[client]

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
        """Where something was sent, in its order."""
        return [outgoing.url for outgoing in self.sender.sent]
