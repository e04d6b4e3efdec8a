"""The deliveries that can be sent now."""

from collections.abc import Collection, Sequence
from typing import Protocol

from webhooks.domain.delivery import ClaimedDelivery, DueCondition, Lease
from webhooks.domain.fairness import ClientQueue
from webhooks.domain.keys import ClientKey, DeliveryKey


class DueDeliveries(Protocol):
    def queues(self, due: DueCondition, *, limit: int, without: Collection[ClientKey]) -> list[ClientQueue]:
        """The active clients with due deliveries, the longest wait first, except those in `without`."""
        ...

    def lease(
        self, keys: Sequence[DeliveryKey], queues: Sequence[ClientQueue], lease: Lease, due: DueCondition
    ) -> list[ClaimedDelivery]:
        """Takes the lease on the deliveries that are still due and that no other worker is taking.

        One conditional write decides, so two workers never hold the same delivery.
        """
        ...
