"""One process at a time. Standard library only."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workshop.base.problems import CommandFailed


@contextmanager
def locked(file: Path, busy: str = "", seconds: float | None = None) -> Iterator[None]:
    """Holds a lock on a folder, or on a file, which it creates. Waits for other processes, at most `seconds` if given.

    Raises CommandFailed with the sentence `busy` if another process still holds the lock after that time.
    """
    descriptor = os.open(file, os.O_RDONLY if file.is_dir() else os.O_RDWR | os.O_CREAT, 0o666)
    deadline = time.monotonic() + (seconds or 0)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if seconds is None else fcntl.LOCK_NB))
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise CommandFailed(busy) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
