"""The deliveries that somebody wants sent again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from webhooks.domain.delivery import DeadDelivery, DeliveryState, NewRound, Recovery
from webhooks.domain.keys import DeliveryKey


class NoSuchDelivery(Exception):
    """There is no delivery of this id, or no longer."""


class Retries(Protocol):
    def lock(self, id: str, *, recent_from: datetime) -> DeliveryState:
        """A delivery's state, and its client's, under locks. Attempts that started after `recent_from` are recent.

        Raises NoSuchDelivery.
        """
        ...

    def make_due(self, key: DeliveryKey, next_attempt_at: datetime) -> None: ...

    def start_rounds(self, keys: Sequence[DeliveryKey], new_round: NewRound) -> None: ...

    def recoverable(
        self, recovery: Recovery, *, behind: DeliveryKey, limit: int, recent_from: datetime
    ) -> list[DeadDelivery]:
        """The deliveries of a recovery, locked: the first so many whose keys are behind this one, in the order of their
        keys.
        """
        ...
