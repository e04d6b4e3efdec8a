"""What a format is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from webhooks.domain.event import Event

from .options import Option, Problem, schema_of, schema_problems

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Platform:
    """Who is sending, as a body may have to say: a URI-reference and a reverse-DNS prefix (CloudEvents 1.0)."""

    source: str = "/webhooks"
    type_prefix: str = "com.example."


@dataclass(frozen=True)
class Ack:
    """What a 2xx response's body must be. `rule` is how it is shown, and kept with every delivery."""

    rule: str = "2xx"
    accepts: Callable[[bytes], bool] = lambda body: True


ANY_BODY = Ack()


def never(event: Event, options: Options) -> str | None:
    """Skips nothing."""
    return None


@dataclass(frozen=True)
class Format:
    """One version of a format. `render` makes the body's bytes; `skip_reason` says why an event is not sent, or None."""

    name: str
    version: int
    content_type: str
    options: tuple[Option, ...]
    render: Callable[[Event, Options, Platform], bytes]
    ack: Ack = ANY_BODY
    skip_reason: Callable[[Event, Options], str | None] = never

    @property
    def options_schema(self) -> dict[str, Any]:
        """The JSON Schema of the options."""
        return schema_of(self.options)

    @property
    def pin_schema(self) -> dict[str, Any]:
        """The JSON Schema of a client's format that pins this version."""
        return {
            "type": "object",
            "title": f"{self.name}@{self.version}",
            "required": ["name", "version"],
            "properties": {
                "name": {"type": "string", "const": self.name},
                "version": {"type": "integer", "const": self.version},
                "options": schema_of(self.options, in_short=True),
            },
            "additionalProperties": False,
        }

    def problems(self, options: Options) -> Iterable[Problem]:
        """What is wrong with options that somebody wants to pin, everything at once."""
        yield from schema_problems(self.options, options)
        for option in self.options:
            if option.name in options:
                yield from option.problems(options[option.name])
