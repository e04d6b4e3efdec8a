"""The clock of the processes under test, moved from outside."""

import mmap
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """Moves the wall clock of all processes under test at once; `outside/sitecustomize.py` is the other end."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(bytes(16))
        self.file = file
        with file.open("r+b") as opened:
            self._words = memoryview(mmap.mmap(opened.fileno(), 16)).cast("q")

    def now(self) -> datetime:
        """The present time of the processes under test, in UTC."""
        nanoseconds = self._words[1] or time.time_ns() + self._words[0]
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)

    def move(self, **duration: float) -> None:
        """`clock.move(minutes=5)`; the units are the same as in timedelta, negative values go back."""
        nanoseconds = timedelta(**duration) // timedelta(microseconds=1) * 1000
        self._words[1 if self._words[1] else 0] += nanoseconds

    def move_to(self, moment: datetime) -> None:
        """From now on it is `moment`, and the clock runs on unless it is frozen."""
        self.move(seconds=(moment - self.now()).total_seconds())

    def freeze(self, moment: datetime | None = None) -> datetime:
        """Stops the clock, at `moment` if given. Returns the time at which it stopped."""
        at = moment or self.now()
        self._words[1] = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
        return at

    def reset(self) -> None:
        """Sets the true time again, and lets the clock run."""
        self._words[0] = self._words[1] = 0
