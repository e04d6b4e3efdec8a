"""The attempts of deliveries, and what they make of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from webhooks.domain.delivery import AttemptOutcome
from webhooks.domain.keys import ClientKey, DeliveryKey


class AttemptRecords(Protocol):
    """Nothing is loaded to be changed in place: what changes is passed in, and is stored when the call returns."""

    def lock_tokens(self, keys: Collection[DeliveryKey]) -> dict[DeliveryKey, str | None]:
        """The lease tokens of these deliveries, locked until the transaction ends; of pruned ones, nothing."""
        ...

    def record(self, outcomes: Sequence[AttemptOutcome]) -> None:
        """Stores attempts, in this order, and their deliveries' changes where the lease still holds."""
        ...

    def failed_days(self, client_key: ClientKey, failing_since: datetime, before: datetime) -> set[int]:
        """The days since the client's first failure, the first one left out, on which attempts that started before then
        failed, as the domain's day_of numbers them. An interrupted attempt has not failed.
        """
        ...
