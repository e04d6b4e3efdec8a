"""The deliveries' table as the outbox: written with the event, in one transaction."""

from collections.abc import Sequence
from typing import Protocol

from webhooks.domain.delivery import Cancellation, NewDelivery
from webhooks.domain.keys import ClientKey, EventKey


class Outbox(Protocol):
    def add(self, event_key: EventKey, new: Sequence[NewDelivery], cancellation: Cancellation) -> None:
        """Stores an event's deliveries. If a client was deleted meanwhile, its delivery is cancelled."""
        ...

    def cancel(self, client_key: ClientKey, cancellation: Cancellation) -> int:
        """Cancels a client's pending deliveries; returns their number. An attempt in flight loses its lease."""
        ...
