"""The clients that events go to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from webhooks.domain.keys import ClientKey


@dataclass(frozen=True)
class Recipient:
    """A client with what decides whether it gets an event, and how."""

    key: ClientKey
    slug: str
    event_types: tuple[str, ...]
    format_name: str
    format_version: int
    format_options: Mapping[str, Any]


class Recipients(Protocol):
    """Clients that were not deleted, disabled ones too."""

    def all(self) -> list[Recipient]:
        """In the order of the keys: that is how clients are locked."""
        ...

    def one(self, key: ClientKey) -> Recipient:
        """Raises NoSuchClient, for one that was deleted, too."""
        ...
