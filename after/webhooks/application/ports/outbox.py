"""The deliveries' table as the outbox: written with the event, in one transaction."""

from collections.abc import Sequence
from typing import Protocol

from webhooks.domain.delivery import Cancellation, NewDelivery
from webhooks.domain.keys import ClientKey, EventKey


class Outbox(Protocol):
    def add(self, event_key: EventKey, new: Sequence[NewDelivery], cancellation: Cancellation) -> None:
        """Stores an event's deliveries. Those of clients that were deleted meanwhile are cancelled."""
        ...

    def cancel(self, client_key: ClientKey, cancellation: Cancellation) -> int:
        """Ends what was still to be sent to a client; returns how many. An attempt under way loses its lease."""
        ...
