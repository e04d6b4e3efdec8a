"""The use cases that clients/ calls for a status, a secret or deliveries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from plumbing.logs import get_logger
from webhooks.domain.client import ClientChange, ClientStatus, Role
from webhooks.domain.delivery import CANCELLATION
from webhooks.domain.keys import ClientKey

from .ports import ClientChanges, Clock, NewSecret, Outbox, Secrets, Transaction

log = get_logger(__name__)


@dataclass(frozen=True)
class ChangeClient:
    """`change_client(client_key, change, asked_by)` writes the requested changes, and no other column.

    The rules check the present row, under a lock, because a form may have been open for ten minutes. Raises
    ClientCannotLoosen, NoSuchClient.
    """

    clients: ClientChanges
    transaction: Transaction

    def __call__(self, client_key: ClientKey, change: ClientChange, asked_by: Role) -> None:
        with self.transaction():
            locked = self.clients.lock(client_key)
            before = locked.settings.health
            health = locked.settings.health_after(change, asked_by)
            self.clients.save_change(client_key, change)
            if health != before:
                self.clients.save_health(client_key, health)
        if change.status is ClientStatus.DISABLED and (asked_by is Role.OPERATOR or before.is_active):
            log.info("client_disabled", client=locked.slug, reason=str(health.disabled_reason))
        elif health.is_active and not before.is_active:
            log.info("client_enabled", client=locked.slug)


@dataclass(frozen=True)
class SecretRotation:
    """The new secret, shown only here, and the time until which the old one also signs."""

    secret: str
    previous_expires_at: datetime


@dataclass(frozen=True)
class RotateSecret:
    """`rotate_secret(client_key, overlap)` replaces the signing secret. A second rotation in the overlap drops the
    oldest secret. Raises NoSuchClient.
    """

    clients: ClientChanges
    secrets: Secrets
    transaction: Transaction
    clock: Clock

    def __call__(self, client_key: ClientKey, overlap: timedelta) -> SecretRotation:
        with self.transaction():
            locked = self.clients.lock(client_key)
            secret = self.secrets.new_secret()
            expires_at = self.clock.now() + overlap
            self.clients.replace_secret(client_key, secret.sealed, expires_at)
        log.info("secret_rotated", client=locked.slug, overlap_seconds=int(overlap.total_seconds()))
        return SecretRotation(secret.shown, expires_at)


@dataclass(frozen=True)
class NewSigningSecret:
    """`new_signing_secret()` makes the secret of a new client."""

    secrets: Secrets

    def __call__(self) -> NewSecret:
        return self.secrets.new_secret()


@dataclass(frozen=True)
class CancelDeliveries:
    """`cancel_deliveries(client_key)` cancels the pending deliveries of a client that is being deleted; returns their
    number.

    The caller holds the client's lock, in the transaction that deletes it.
    """

    outbox: Outbox

    def __call__(self, client_key: ClientKey) -> int:
        return self.outbox.cancel(client_key, CANCELLATION)
