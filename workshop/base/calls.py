"""Running another program to its end. Standard library only."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from workshop.base.problems import CommandFailed

Done = subprocess.CompletedProcess[str]


def call(
    command: Sequence[str | Path],
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = 600,
) -> Done:
    """Runs a command with an empty stdin and keeps its output. Raises CommandFailed if it does not end."""
    try:
        nothing = subprocess.DEVNULL
        return subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=nothing,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"{' '.join(map(str, command[:4]))} has not ended within {seconds:g} s.") from None


def output_of(
    command: Sequence[str | Path],
    failure: str,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = 600,
) -> str:
    """A command's output. If it fails, raises CommandFailed with `failure` and the last lines of the output."""
    done = call(command, folder, env, seconds)
    if done.returncode:
        raise CommandFailed(f"{failure}:\n{last_words(done.stdout + done.stderr)}")
    return done.stdout.strip()


def last_words(text: str, lines: int = 12) -> str:
    """The last lines of a program's output, indented."""
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-lines:]) or "  (it wrote nothing)"
