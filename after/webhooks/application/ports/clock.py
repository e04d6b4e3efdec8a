"""The process's clock."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """`clock.now()` is aware, in UTC. Every rule that knows a time was told it by this."""

    def now(self) -> datetime: ...
