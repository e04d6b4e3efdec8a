"""The files of this repository, and a way to replace a file in one step. Standard library only."""

import os
import subprocess
from pathlib import Path

from workshop import ROOT


def tracked(root: Path = ROOT) -> list[Path]:
    """The files that belong to the repository: tracked files, and new files that git does not ignore."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in sorted(set(listed.split("\0"))) if name]


def write(file: Path, text: str) -> None:
    """Replaces a file in one step, so that a reader, or a killed process, finds either the old or the new content."""
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(partial, file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
