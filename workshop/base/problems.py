"""Kinds of failure: a problem that a check finds in a file, and a command that cannot go on."""

from dataclasses import dataclass
from pathlib import Path


class CommandFailed(Exception):
    """An error that stops a command. The message says what is wrong, where, and what to do next."""


@dataclass(frozen=True)
class Problem:
    """A mistake in a file, found by a check."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path.as_posix()}:{self.line}: {self.what}"
