"""Retrying on request."""

from dataclasses import dataclass
from datetime import datetime

from webhooks.domain.delivery import CannotRetry, Retry, retry_of

from .ports import Clients, Clock, Deliveries, Doorbell, Transaction


@dataclass(frozen=True)
class RetryDelivery:
    """`retry_delivery(id)` makes a delivery due now. Raises CannotRetry."""

    deliveries: Deliveries
    transaction: Transaction
    clock: Clock
    doorbell: Doorbell

    def __call__(self, id: str) -> None:
        with self.transaction():
            delivery = self.deliveries.locked(id)
            if delivery is None:
                raise CannotRetry("The delivery was pruned.")
            now = self.clock.now()
            match retry_of(delivery, now):
                case Retry.DUE_NOW:
                    self.deliveries.make_due(delivery.key, now)
                case Retry.NEW_ROUND:
                    self.deliveries.start_round(delivery.key, now)
            self.doorbell.ring()


class ClientNotActive(Exception):
    """The client is disabled or deleted."""


@dataclass(frozen=True)
class RecoverDeliveries:
    """`recover_deliveries(client, since, until)` makes the dead deliveries of that time due again; returns how many.

    Raises ClientNotActive.
    """

    deliveries: Deliveries
    clients: Clients
    transaction: Transaction
    clock: Clock
    doorbell: Doorbell

    def __call__(self, client: int, since: datetime, until: datetime) -> int:
        with self.transaction():
            if not self.clients.locked([client])[client].is_active:
                raise ClientNotActive
            self.doorbell.ring()
            return self.deliveries.recover(client, since, until, self.clock.now())
