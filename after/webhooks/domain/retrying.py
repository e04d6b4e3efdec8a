"""The time of the next attempt after a failure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 36000))


@dataclass(frozen=True)
class RetryPolicy:
    """The waits after the failed attempts of a round, except the last one; a random factor changes each wait."""

    waits: Sequence[timedelta] = WAITS
    jitter: float = 0.2

    @property
    def attempts(self) -> int:
        """The number of attempts in a round."""
        return len(self.waits) + 1

    def is_exhausted(self, failed: int) -> bool:
        """Whether the round ends after this number of failed attempts."""
        return failed >= self.attempts

    def next_attempt_at(
        self, failed: int, now: datetime, jitter_factor: float, asked_for: timedelta | None = None
    ) -> datetime:
        """The time of the next attempt after `failed` attempts of a round, at least one.

        `jitter_factor` is from `1 - jitter` to `1 + jitter`. The client's own wait counts up to twice ours.
        """
        wait = self.waits[failed - 1] * jitter_factor
        if asked_for is not None:
            wait = min(max(asked_for, wait), 2 * wait)
        return now + wait


RETRIES = RetryPolicy()
