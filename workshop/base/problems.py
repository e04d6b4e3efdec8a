"""What goes wrong: a problem in a file that a check finds, and a command that cannot go on."""

from dataclasses import dataclass
from pathlib import Path


class CommandFailed(Exception):
    """What stops a command. The message says what is wrong, where, and what to do next."""


@dataclass(frozen=True)
class Problem:
    """Something in a file that must not be there."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path.as_posix()}:{self.line}: {self.what}"
