from collections.abc import Callable

from webhooks.application.ports import OutgoingRequest, SecretUnreadable
from webhooks.domain.answers import ClientAnswer, NoAnswer

ACCEPTED = ClientAnswer(200, b"ok", duration_ms=5)


def seal(secret: str) -> str:
    """Sealing reverses the secret, which is enough to notice code that forgets to open it."""
    return f"sealed:{secret[::-1]}"


def unseal(sealed: str) -> str:
    if not sealed.startswith("sealed:"):
        raise SecretUnreadable
    return sealed.removeprefix("sealed:")[::-1]


class FakeSender:
    """The `Sender` port, with the answers in `answers`. `sent` holds the sent requests, in order.

    `opens` is how its secrets are unsealed: the fakes' way, unless they come from real ones.
    """

    def __init__(self, opens: Callable[[str], str] = unseal) -> None:
        self.answers: Callable[[OutgoingRequest], ClientAnswer | NoAnswer] = lambda request: ACCEPTED
        self.sent: list[OutgoingRequest] = []
        self._opens = opens

    def send(self, request: OutgoingRequest) -> ClientAnswer | NoAnswer:
        for sealed in request.secrets:
            self._opens(sealed)
        self.sent.append(request)
        return self.answers(request)
