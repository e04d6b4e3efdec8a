"""Which files belong to this repository."""

import subprocess
from pathlib import Path

from workshop import ROOT


def tracked(root: Path = ROOT) -> list[Path]:
    """What git would hand to others: tracked files and new ones that it does not ignore."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in sorted(set(listed.split("\0"))) if name]
