"""The clients that events go to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from webhooks.domain.keys import ClientKey


@dataclass(frozen=True)
class Recipient:
    """A client with the settings that decide whether it gets an event, and in which form."""

    key: ClientKey
    slug: str
    event_types: tuple[str, ...]
    format_name: str
    format_version: int
    format_options: Mapping[str, Any]


class Recipients(Protocol):
    """All clients except deleted ones; disabled clients are included."""

    def all(self) -> list[Recipient]:
        """In the order of the keys, in which clients are locked."""
        ...

    def one(self, key: ClientKey) -> Recipient:
        """Raises NoSuchClient, also for a deleted client."""
        ...
