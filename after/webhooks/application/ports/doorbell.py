"""A signal to the workers that there may be deliveries to send."""

from typing import Protocol


class Doorbell(Protocol):
    """`doorbell.ring()` inside a transaction rings after the commit. A lost ring only costs time."""

    def ring(self) -> None: ...
