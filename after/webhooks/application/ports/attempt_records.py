"""The attempts of deliveries, and the outcomes of these attempts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from webhooks.domain.delivery import AttemptOutcome
from webhooks.domain.keys import ClientKey, DeliveryKey


class AttemptRecords(Protocol):
    """No object is loaded to be changed in place: changes are arguments, and are stored when the call returns."""

    def lock_tokens(self, keys: Collection[DeliveryKey]) -> dict[DeliveryKey, str | None]:
        """The lease tokens of these deliveries, locked until the transaction ends; pruned deliveries are missing."""
        ...

    def record(self, outcomes: Sequence[AttemptOutcome]) -> None:
        """Stores attempts, in this order, and their deliveries' changes if the lease is still valid."""
        ...

    def failed_days(self, client_key: ClientKey, failing_since: datetime, before: datetime) -> set[int]:
        """The days with failed attempts since the client's first failure, without the first day, up to `before`. The
        domain's day_of numbers the days. An interrupted attempt has not failed.
        """
        ...
