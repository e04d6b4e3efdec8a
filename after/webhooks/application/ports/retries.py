"""The deliveries to retry on request."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from webhooks.domain.delivery import DeadDelivery, DeliveryState, NewRound, Recovery
from webhooks.domain.keys import DeliveryKey


class NoSuchDelivery(Exception):
    """There is no delivery with this id, or it was pruned."""


class Retries(Protocol):
    def lock(self, id: str, *, recent_from: datetime) -> DeliveryState:
        """The states of a delivery and its client, locked. Attempts that started after `recent_from` are recent.

        Raises NoSuchDelivery.
        """
        ...

    def make_due(self, key: DeliveryKey, next_attempt_at: datetime) -> None: ...

    def start_rounds(self, keys: Sequence[DeliveryKey], new_round: NewRound) -> None: ...

    def recoverable(
        self, recovery: Recovery, *, behind: DeliveryKey, limit: int, recent_from: datetime
    ) -> list[DeadDelivery]:
        """The next deliveries of a recovery, locked, at most `limit`: those whose keys are larger than `behind`, in the
        order of the keys.
        """
        ...
