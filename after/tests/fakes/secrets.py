from base64 import b64encode
from itertools import count

from webhooks.application.ports import NewSecret

from .sender import seal


class FakeSecrets:
    """The `Secrets` port, counting."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new_secret(self) -> NewSecret:
        shown = "whsec_" + b64encode(next(self._numbers).to_bytes(32)).decode()
        return NewSecret(shown, seal(shown))
