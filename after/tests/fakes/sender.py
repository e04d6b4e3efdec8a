from collections.abc import Callable

from webhooks.application.ports import Outgoing, SecretUnreadable
from webhooks.domain.answers import Answer, NoAnswer

ACCEPTED = Answer(200, b"ok", duration_ms=5)


def seal(secret: str) -> str:
    """Sealed by turning it round, which is enough to see who forgets to open it."""
    return f"sealed:{secret[::-1]}"


def unseal(sealed: str) -> str:
    if not sealed.startswith("sealed:"):
        raise SecretUnreadable
    return sealed.removeprefix("sealed:")[::-1]


class FakeSender:
    """The `Sender` port, answering what `answers` says. `sent` is what went out, in its order.

    `opens` is how its secrets are unsealed: the fakes' way, unless they come from real ones.
    """

    def __init__(self, opens: Callable[[str], str] = unseal) -> None:
        self.answers: Callable[[Outgoing], Answer | NoAnswer] = lambda outgoing: ACCEPTED
        self.sent: list[Outgoing] = []
        self._opens = opens

    def send(self, outgoing: Outgoing) -> Answer | NoAnswer:
        for sealed in outgoing.secrets:
            self._opens(sealed)
        self.sent.append(outgoing)
        return self.answers(outgoing)
