"""The one way out: a signed POST to a client's endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from webhooks.domain.answers import ClientAnswer, NoAnswer
from webhooks.domain.keys import ClientKey


@dataclass(frozen=True)
class OutgoingRequest:
    """What to send, and the key of the client whose URL it is. `secrets` are sealed, newest first; each signs."""

    client_key: ClientKey
    url: str
    message_id: str
    content_type: str
    body: bytes
    secrets: Sequence[str] = field(repr=False)


class SecretUnreadable(Exception):
    """A secret was sealed under a key that this process does not have."""


class Sender(Protocol):
    """`sender.send(request)` posts once, within 15 seconds; what goes wrong on the way is in the answer.

    Raises SecretUnreadable, and nothing else.
    """

    def send(self, request: OutgoingRequest) -> ClientAnswer | NoAnswer: ...
