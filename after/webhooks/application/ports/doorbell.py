"""Tells the workers that there may be something to send."""

from typing import Protocol


class Doorbell(Protocol):
    """`doorbell.ring()` inside a transaction is heard once that has committed. One that is lost costs only time."""

    def ring(self) -> None: ...
