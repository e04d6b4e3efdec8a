"""The clients, as far as events and deliveries concern them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from webhooks.domain.client import Health


@dataclass(frozen=True)
class Recipient:
    """A client with what decides whether it gets an event, and how."""

    key: int
    slug: str
    event_types: tuple[str, ...]
    format_name: str
    format_version: int
    format_options: Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """A client's state under a lock."""

    key: int
    slug: str
    health: Health
    is_deleted: bool = False

    @property
    def is_active(self) -> bool:
        return self.health.is_active and not self.is_deleted


class Clients(Protocol):
    """Clients are locked in the order of their keys, and before deliveries, which are locked in the order of theirs."""

    def recipients(self) -> list[Recipient]:
        """Everyone who was not deleted, disabled ones too, in the order of the keys."""
        ...

    def recipient(self, key: int) -> Recipient: ...

    def locked(self, keys: Iterable[int]) -> dict[int, Standing]:
        """Nobody else changes these until the transaction ends."""
        ...

    def save_health(self, key: int, health: Health) -> None: ...

    def change(self, key: int, columns: Mapping[str, Any]) -> None:
        """Writes these columns of a client and no other."""
        ...

    def replace_secret(self, key: int, sealed: str, previous_expires_at: datetime) -> None:
        """The secret becomes the previous one, and whatever was that goes."""
        ...
