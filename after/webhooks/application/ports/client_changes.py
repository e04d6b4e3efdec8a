"""The clients, as far as somebody changes them or their secrets."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from webhooks.domain.client import ClientChange, ClientSettings, Health
from webhooks.domain.keys import ClientKey


@dataclass(frozen=True)
class LockedClient:
    """A client that nobody else changes until the transaction ends: its slug, and what was set for it."""

    slug: str
    settings: ClientSettings


class ClientChanges(Protocol):
    """Nothing is saved but what is passed in: what a worker has written meanwhile stays."""

    def lock(self, key: ClientKey) -> LockedClient:
        """Raises NoSuchClient, for one that was deleted, too."""
        ...

    def save_change(self, key: ClientKey, change: ClientChange) -> None:
        """Writes the members that the change names, and no other column. Its status is saved as a health."""
        ...

    def save_health(self, key: ClientKey, health: Health) -> None: ...

    def replace_secret(self, key: ClientKey, sealed: str, previous_expires_at: datetime) -> None:
        """The secret becomes the previous one, and whatever was that goes."""
        ...
