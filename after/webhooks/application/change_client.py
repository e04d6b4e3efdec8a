"""What clients/ asks for where a status, a secret or deliveries are concerned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plumbing.logs import get_logger
from webhooks.domain.client import ClientStatus

from .ports import Clients, Clock, Deliveries, NewSecret, Secrets, Transaction

log = get_logger(__name__)


@dataclass(frozen=True)
class ChangeClient:
    """`change_client(client, columns, status, by_operator)` writes what was changed, and no other column.

    The values were checked; a status that somebody asked for is decided here, on the row as it is now.
    """

    clients: Clients
    transaction: Transaction

    def __call__(
        self, client: int, columns: Mapping[str, Any], status: ClientStatus | None = None, *, by_operator: bool
    ) -> None:
        with self.transaction():
            standing = self.clients.locked([client])[client]
            if columns:
                self.clients.change(client, columns)
            if status is None:
                return
            health = standing.health.asked_to_be(status, by_operator=by_operator)
            if health != standing.health:
                self.clients.save_health(client, health)
        if status is ClientStatus.DISABLED and (by_operator or standing.health.is_active):
            log.info("client_disabled", client=standing.slug, reason=str(health.disabled_reason))
        elif health.is_active and not standing.health.is_active:
            log.info("client_enabled", client=standing.slug)


@dataclass(frozen=True)
class Rotated:
    """The new secret, shown only here, and how long the old one signs beside it."""

    secret: str
    previous_expires_at: datetime


@dataclass(frozen=True)
class RotateSecret:
    """`rotate_secret(client, overlap)` replaces the signing secret; rotated again meanwhile, the oldest goes."""

    clients: Clients
    secrets: Secrets
    transaction: Transaction
    clock: Clock

    def __call__(self, client: int, overlap: timedelta) -> Rotated:
        with self.transaction():
            standing = self.clients.locked([client])[client]
            secret = self.secrets.fresh()
            expires_at = self.clock.now() + overlap
            self.clients.replace_secret(client, secret.sealed, expires_at)
        log.info("secret_rotated", client=standing.slug, overlap_seconds=int(overlap.total_seconds()))
        return Rotated(secret.shown, expires_at)


@dataclass(frozen=True)
class NewSigningSecret:
    """`new_signing_secret()` is for a client that is just being made."""

    secrets: Secrets

    def __call__(self) -> NewSecret:
        return self.secrets.fresh()


@dataclass(frozen=True)
class CancelDeliveries:
    """`cancel_deliveries(client)` ends what was still to be sent to a client that is being deleted; returns how many.

    The caller holds the client's lock, in the transaction that deletes it.
    """

    deliveries: Deliveries

    def __call__(self, client: int) -> int:
        return self.deliveries.cancel_pending(client)
