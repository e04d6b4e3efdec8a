"""Retry on request."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from webhooks.domain.delivery import DAY, CannotRetry, NewRound, Recovery, Retry, may_start_round, retry_of
from webhooks.domain.keys import ClientKey, DeliveryKey

from .ports import Clients, Clock, Doorbell, NoSuchDelivery, Retries, Transaction


@dataclass(frozen=True)
class RetryDelivery:
    """`retry_delivery(id)` makes a delivery due now. Raises CannotRetry."""

    retries: Retries
    transaction: Transaction
    clock: Clock
    doorbell: Doorbell

    def __call__(self, id: str) -> None:
        with self.transaction():
            now = self.clock.now()
            try:
                delivery = self.retries.lock(id, recent_from=now - DAY)
            except NoSuchDelivery as error:
                raise CannotRetry("The delivery was pruned.") from error
            match retry_of(delivery, now):
                case Retry.DUE_NOW:
                    self.retries.make_due(delivery.key, now)
                case Retry.NEW_ROUND:
                    self.retries.start_rounds([delivery.key], NewRound(now))
                case Retry.NOTHING:
                    pass
                case never:
                    assert_never(never)
            self.doorbell.ring()


BATCH = 1000


class ClientNotActive(Exception):
    """The client is disabled or deleted."""


@dataclass(frozen=True)
class RecoverDeliveries:
    """`recover_deliveries(client_key, since, until)` makes the dead deliveries of that time due again; returns their
    number.

    Works in batches, each with its own commit, so that no request waits for a lock while thousands are written.
    Raises ClientNotActive.
    """

    retries: Retries
    clients: Clients
    transaction: Transaction
    clock: Clock
    doorbell: Doorbell

    def __call__(self, client_key: ClientKey, since: datetime, until: datetime) -> int:
        recovery = Recovery(client_key, since, until)
        recovered, last, is_full = 0, DeliveryKey(0), True
        while is_full:
            now = self.clock.now()
            with self.transaction():
                if not self.clients.lock([client_key])[client_key].is_active:
                    if recovered:
                        return recovered
                    raise ClientNotActive
                dead = self.retries.recoverable(recovery, behind=last, limit=BATCH, recent_from=now - DAY)
                keys = [delivery.key for delivery in dead if may_start_round(delivery.recent_attempts)]
                self.retries.start_rounds(keys, NewRound(now))
                self.doorbell.ring()
            recovered += len(keys)
            is_full = len(dead) == BATCH
            last = dead[-1].key if dead else last
        return recovered
