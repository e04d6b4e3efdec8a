"""The clients' states, which deliveries change."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from webhooks.domain.client import Health, takes_deliveries
from webhooks.domain.keys import ClientKey


class NoSuchClient(Exception):
    """There is no client with this key, or it was deleted."""


@dataclass(frozen=True)
class ClientState:
    """A client's state under a lock."""

    key: ClientKey
    slug: str
    health: Health
    is_deleted: bool = False

    @property
    def is_active(self) -> bool:
        return takes_deliveries(self.health.status, is_deleted=self.is_deleted)


class Clients(Protocol):
    """Locks clients in the order of their keys, and before deliveries, which are locked in the same way."""

    def lock(self, keys: Iterable[ClientKey]) -> dict[ClientKey, ClientState]:
        """Locks these clients until the transaction ends."""
        ...

    def save_health(self, key: ClientKey, health: Health) -> None: ...
