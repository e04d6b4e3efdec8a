"""The clock of a stage's processes, moved from outside while they run."""

import mmap
from datetime import timedelta
from pathlib import Path

from workshop import ROOT

# The `sitecustomize.py` there reads the file in every process that gets these surroundings.
OUTSIDE = ROOT / "tests" / "behaviour" / "outside"
NANOSECONDS = 1000


class Clock:
    """A clock that runs as the machine's does, ahead of it by the sum of all moves."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(bytes(16))
        self._file = file
        with file.open("r+b") as opened:
            self._words = memoryview(mmap.mmap(opened.fileno(), 16)).cast("q")

    @property
    def surroundings(self) -> dict[str, str]:
        """The environment of the processes that shall have this clock."""
        return {"BEHAVIOUR_CLOCK": str(self._file), "PYTHONPATH": str(OUTSIDE)}

    @property
    def ahead(self) -> timedelta:
        """The difference to the machine's clock."""
        return timedelta(microseconds=self._words[0] // NANOSECONDS)

    def move(self, by: timedelta) -> None:
        """Moves the clock in all its processes at once; waiting still takes as long as it takes."""
        self._words[0] += by // timedelta(microseconds=1) * NANOSECONDS
