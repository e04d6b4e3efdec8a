"""The process's clock."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """`clock.now()` is an aware time in UTC. Every rule that needs a time gets it from here."""

    def now(self) -> datetime: ...
