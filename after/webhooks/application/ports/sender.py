"""The one way out: a signed POST to a client's endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from webhooks.domain.answers import Answer, NoAnswer


@dataclass(frozen=True)
class Outgoing:
    """What to send, and the key of the client whose URL it is. `secrets` are sealed, newest first; each signs."""

    client: int
    url: str
    message_id: str
    content_type: str
    body: bytes
    secrets: Sequence[str] = field(repr=False)


class SecretUnreadable(Exception):
    """A secret was sealed under a key that this process does not have."""


class Sender(Protocol):
    """`sender.send(outgoing)` posts once, within 15 seconds; what goes wrong on the way is in the answer.

    Raises SecretUnreadable, and nothing else.
    """

    def send(self, outgoing: Outgoing) -> Answer | NoAnswer: ...
