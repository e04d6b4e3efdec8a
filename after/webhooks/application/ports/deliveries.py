"""The deliveries: the outbox, and its end."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from webhooks.domain.delivery import DeadDelivery, Held, Lease, NewDelivery, Settled, Snapshot
from webhooks.domain.fairness import Queue


class Deliveries(Protocol):
    """Nothing is loaded to be changed in place: what changes is passed in, and is stored when the call returns."""

    def add(self, event: int, new: Sequence[NewDelivery]) -> None:
        """Stores an event's deliveries. Those of clients that were deleted meanwhile are cancelled."""
        ...

    def queues(self, now: datetime, planned_by: datetime, *, limit: int, without: Collection[int]) -> list[Queue]:
        """The active clients with due deliveries, who has waited longest first, but for `without`."""
        ...

    def lease(
        self, keys: Sequence[int], queues: Sequence[Queue], lease: Lease, now: datetime, planned_by: datetime
    ) -> list[Held]:
        """Takes the lease on those of the deliveries that are still due and that nobody else is just taking.

        One conditional write decides: two workers never hold one delivery together.
        """
        ...

    def tokens(self, keys: Collection[int]) -> dict[int, str | None]:
        """The lease tokens of these deliveries, locked until the transaction ends; of pruned ones, nothing."""
        ...

    def record(self, settled: Sequence[Settled]) -> None:
        """Stores attempts, in this order, and their deliveries' changes where the lease still holds."""
        ...

    def failed_days(self, client: int, failing_since: datetime, before: datetime) -> set[int]:
        """The days since the client's first failure, the first one left out, on which attempts that started before then
        failed, as the domain's day_of numbers them. An interrupted attempt has not failed.
        """
        ...

    def locked(self, id: str, *, recent_from: datetime) -> Snapshot | None:
        """A delivery's state, and its client's, under locks. Attempts that started after `recent_from` are recent."""
        ...

    def make_due(self, key: int, now: datetime) -> None: ...

    def start_rounds(self, keys: Sequence[int], now: datetime) -> None: ...

    def dead(
        self, client: int, since: datetime, until: datetime, *, behind: int, limit: int, recent_from: datetime
    ) -> list[DeadDelivery]:
        """The client's dead deliveries created in [since, until) that have a body, locked: the first so many whose keys
        are behind this one, in the order of their keys.
        """
        ...

    def cancel_pending(self, client: int) -> int:
        """Ends what was still to be sent to the client; how many. An attempt under way loses its lease."""
        ...
