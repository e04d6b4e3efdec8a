"""Retrying on request."""

from dataclasses import dataclass
from datetime import datetime

from webhooks.domain.delivery import DAY, CannotRetry, Retry, may_start_round, retry_of

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
            now = self.clock.now()
            delivery = self.deliveries.locked(id, recent_from=now - DAY)
            if delivery is None:
                raise CannotRetry("The delivery was pruned.")
            match retry_of(delivery, now):
                case Retry.DUE_NOW:
                    self.deliveries.make_due(delivery.key, now)
                case Retry.NEW_ROUND:
                    self.deliveries.start_rounds([delivery.key], now)
            self.doorbell.ring()


BATCH = 1000


class ClientNotActive(Exception):
    """The client is disabled or deleted."""


@dataclass(frozen=True)
class RecoverDeliveries:
    """`recover_deliveries(client, since, until)` makes the dead deliveries of that time due again; returns how many.

    In batches, each with a commit of its own: nobody waits for a lock while thousands are written. Raises
    ClientNotActive.
    """

    deliveries: Deliveries
    clients: Clients
    transaction: Transaction
    clock: Clock
    doorbell: Doorbell

    def __call__(self, client: int, since: datetime, until: datetime) -> int:
        recovered, last, is_full = 0, 0, True
        while is_full:
            now = self.clock.now()
            with self.transaction():
                if not self.clients.locked([client])[client].is_active:
                    if recovered:
                        return recovered
                    raise ClientNotActive
                dead = self.deliveries.dead(client, since, until, behind=last, limit=BATCH, recent_from=now - DAY)
                keys = [delivery.key for delivery in dead if may_start_round(delivery.recent_attempts)]
                self.deliveries.start_rounds(keys, now)
                self.doorbell.ring()
            recovered += len(keys)
            is_full = len(dead) == BATCH
            last = dead[-1].key if dead else last
        return recovered
