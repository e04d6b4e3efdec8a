"""When a delivery that failed is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 36000))


@dataclass(frozen=True)
class RetryPolicy:
    """One wait after each failed attempt of a round but the last, each stretched by a random factor."""

    waits: Sequence[timedelta] = WAITS
    jitter: float = 0.2

    @property
    def attempts(self) -> int:
        """How many there are in a round."""
        return len(self.waits) + 1

    def is_exhausted(self, failed: int) -> bool:
        """Whether nothing follows after so many failed attempts."""
        return failed >= self.attempts

    def next_attempt_at(
        self, failed: int, now: datetime, jitter_factor: float, asked_for: timedelta | None = None
    ) -> datetime:
        """When to try again after so many failed attempts of a round, at least one.

        `jitter_factor` is from `1 - jitter` to `1 + jitter`. A wait that the client asked for counts up to twice ours.
        """
        wait = self.waits[failed - 1] * jitter_factor
        if asked_for is not None:
            wait = min(max(asked_for, wait), 2 * wait)
        return now + wait


RETRIES = RetryPolicy()
