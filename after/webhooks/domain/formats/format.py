"""The parts of a format."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from webhooks.domain.event import Event

from .options import Option, Problem, schema_of, schema_problems

Options = Mapping[str, Any]

ACK_BYTES = 1024
BYTE_ORDER_MARK = "\ufeff".encode()


@dataclass(frozen=True)
class Platform:
    """The sender, for bodies that name it: a URI-reference and a reverse-DNS prefix (CloudEvents 1.0)."""

    source: str = "/webhooks"
    type_prefix: str = "com.example."


@dataclass(frozen=True)
class Ack:
    """The rule for the body of a 2xx response. `rule` is its text, which is shown and stored with every delivery.

    `accepts_text` gets the trimmed body.
    """

    rule: str = "2xx"
    accepts_text: Callable[[bytes], bool] = lambda text: True

    def accepts(self, body: bytes) -> bool:
        """Whether this body acknowledges the event."""
        return self.accepts_text(ack_text(body))


def ack_text(body: bytes) -> bytes:
    """The text of a response's body, without surrounding white space and without a byte order mark.

    Empty if it is over 1 KiB: no ack is that long, and 64 KiB of XML take long to parse.
    """
    text = body.strip().removeprefix(BYTE_ORDER_MARK).strip()
    return text if len(text) <= ACK_BYTES else b""


ANY_BODY = Ack()


def skips_nothing(event: Event, options: Options) -> str | None:
    """Skips nothing."""
    return None


@dataclass(frozen=True)
class Format:
    """One version of a format. `render` makes the body's bytes; `skip_reason` gives the reason not to send, or None."""

    name: str
    version: int
    content_type: str
    options: tuple[Option, ...]
    render: Callable[[Event, Options, Platform], bytes]
    ack: Ack = ANY_BODY
    skip_reason: Callable[[Event, Options], str | None] = skips_nothing

    @property
    def options_schema(self) -> dict[str, Any]:
        """The JSON Schema of the options."""
        return schema_of(self.options)

    def problems(self, options: Options) -> Iterable[Problem]:
        """All problems of the options that a client wants to pin."""
        yield from schema_problems(self.options, options)
        for option in self.options:
            if option.name in options:
                yield from option.problems(options[option.name])
