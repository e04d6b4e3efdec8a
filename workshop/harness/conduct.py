"""How a client's endpoint may behave: well, or in one of the ways in which endpoints fail."""

from collections.abc import Callable
from enum import Enum, StrEnum

from workshop.harness.clients import Answer, Client


class Silence(Enum):
    """A request that gets no answer."""

    HANGS = "no answer: it hangs"
    HANGS_UP = "no answer: it hangs up"

    def __str__(self) -> str:
        return self.value


class Conduct(StrEnum):
    """The behaviour of a client's endpoint towards every request."""

    USUAL = "usual"
    STATUS_500 = "500"
    STATUS_410 = "410"
    WRONG_ACK = "wrong-ack"
    HANGS = "hangs"
    HANGS_UP = "hangs-up"
    HINTS_FIRST = "103-first"

    @property
    def checks_signatures(self) -> bool:
        """Whether an invalid signature gets 401; a broken endpoint does not look at it."""
        return self in (Conduct.USUAL, Conduct.HINTS_FIRST)


_BROKEN: dict[Conduct, Callable[[Client], Answer | Silence]] = {
    Conduct.STATUS_500: lambda client: Answer(500, "text/plain", "Internal error"),
    Conduct.STATUS_410: lambda client: Answer(410, "text/plain", "Gone"),
    Conduct.WRONG_ACK: lambda client: Answer(200, "text/plain", "thank you"),
    Conduct.HANGS: lambda client: Silence.HANGS,
    Conduct.HANGS_UP: lambda client: Silence.HANGS_UP,
    Conduct.HINTS_FIRST: lambda client: client.acknowledges.after_hints(),
}


def answer_of(conduct: Conduct, client: Client) -> Answer | Silence:
    """The client's answer to a request with a valid signature."""
    return _BROKEN[conduct](client) if conduct in _BROKEN else client.acknowledges
