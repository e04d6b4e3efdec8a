"""The clients, for changes of their settings and secrets."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from webhooks.domain.client import ClientChange, ClientSettings, Health
from webhooks.domain.keys import ClientKey


@dataclass(frozen=True)
class LockedClient:
    """A client that is locked until the transaction ends: its slug and its settings."""

    slug: str
    settings: ClientSettings


class ClientChanges(Protocol):
    """Only the arguments are saved, so a worker's concurrent changes stay."""

    def lock(self, key: ClientKey) -> LockedClient:
        """Raises NoSuchClient, also for a deleted client."""
        ...

    def save_change(self, key: ClientKey, change: ClientChange) -> None:
        """Writes only the members that the change names. The status is saved as a health."""
        ...

    def save_health(self, key: ClientKey, health: Health) -> None: ...

    def replace_secret(self, key: ClientKey, sealed: str, previous_expires_at: datetime) -> None:
        """The present secret becomes the previous one; the former previous secret is dropped."""
        ...
