"""The deliveries' table as the outbox: written with the event, in one transaction."""

from collections.abc import Sequence
from typing import Protocol

from webhooks.domain.delivery import Cancellation, NewDelivery


class Outbox(Protocol):
    def add(self, event: int, new: Sequence[NewDelivery], cancellation: Cancellation) -> None:
        """Stores an event's deliveries. Those of clients that were deleted meanwhile are cancelled."""
        ...

    def cancel(self, client: int, cancellation: Cancellation) -> int:
        """Ends what was still to be sent to a client; returns how many. An attempt under way loses its lease."""
        ...
