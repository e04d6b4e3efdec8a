"""The only way to send: a signed POST to a client's endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from webhooks.domain.answers import ClientAnswer, NoAnswer
from webhooks.domain.keys import ClientKey


@dataclass(frozen=True)
class OutgoingRequest:
    """A request to send, and the key of the URL's client. `secrets` are sealed, newest first; each signs."""

    client_key: ClientKey
    url: str
    message_id: str
    content_type: str
    body: bytes
    secrets: Sequence[str] = field(repr=False)


class SecretUnreadable(Exception):
    """A secret was sealed under a key that this process does not have."""


class Sender(Protocol):
    """`sender.send(request)` posts once, within 15 seconds; an error on the way is part of the answer.

    Raises only SecretUnreadable.
    """

    def send(self, request: OutgoingRequest) -> ClientAnswer | NoAnswer: ...
