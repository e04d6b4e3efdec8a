"""The answer of a client's endpoint, and its meaning."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .event import Customer
from .formats.registry import ack_of
from .masking import mask_text

EXCERPT_LENGTH = 1000
GONE = 410


class AttemptError(StrEnum):
    """The reason why an attempt did not acknowledge the event."""

    TIMEOUT = "timeout"
    CONNECT = "connect"
    TLS = "tls"
    ADDRESS_REFUSED = "address_refused"
    REDIRECT = "redirect"
    TOO_LARGE = "too_large"
    BAD_STATUS = "bad_status"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class NoAnswer:
    """An attempt that ended before a response began, with the reason."""

    failure: AttemptError
    duration_ms: int = 0


@dataclass(frozen=True)
class ClientAnswer:
    """A response, complete or broken off: `failure` is the reason for the break, None if it is complete.

    `retry_after` is the Retry-After of the response, if RFC 9110 allows its form: a duration or a time.
    """

    status: int
    body: bytes = b""
    failure: AttemptError | None = None
    duration_ms: int = 0
    retry_after: timedelta | datetime | None = None

    def error(self, ack_rule: str) -> AttemptError | None:
        """The reason why this answer does not acknowledge the event, or None if it does."""
        if self.failure:
            return self.failure
        if 300 <= self.status < 400:
            return AttemptError.REDIRECT
        if not 200 <= self.status < 300:
            return AttemptError.BAD_STATUS
        return None if ack_of(ack_rule).accepts(self.body) else AttemptError.NOT_ACKNOWLEDGED

    def wait_asked_for(self, now: datetime) -> timedelta | None:
        """The Retry-After of a 429 or 503; None for all other answers."""
        if self.status not in (429, 503) or self.retry_after is None:
            return None
        return self.retry_after - now if isinstance(self.retry_after, datetime) else self.retry_after

    def excerpt(self, customer: Customer, masked_fields: Iterable[str]) -> str:
        """The stored excerpt of the body, masked before it is cut, because a client may send back its data."""
        text = self.body.decode(errors="replace").replace("\0", "")
        return mask_text(text, customer, masked_fields, EXCERPT_LENGTH)
