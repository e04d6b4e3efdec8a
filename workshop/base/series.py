"""The patches in steps/ and the files that they start from: the source of the whole road."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workshop import ROOT
from workshop.base import leftovers
from workshop.base.git import Git
from workshop.base.names import STEPS, folder_name
from workshop.base.problems import CommandFailed

PATCH = re.compile(r"\d{4}-.+\.patch")


@dataclass(frozen=True)
class Series:
    """The road on disk. `before` and `after` are bytes by path; `steps` are a step's patches, in order."""

    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    steps: Mapping[int, tuple[Path, ...]]

    @property
    def patches(self) -> list[Path]:
        """All patches, in the form that `git am` takes."""
        return [patch for number in sorted(self.steps) for patch in self.steps[number]]

    @cached_property
    def key(self) -> str:
        """A digest of all files that the road is made from. Another key means another road."""
        digest = hashlib.sha256()
        parts = [(f"before/{name}", data) for name, data in self.before.items()]
        parts += [(f"after/{name}", data) for name, data in self.after.items()]
        parts += [(f"{patch.parent.name}/{patch.name}", patch.read_bytes()) for patch in self.patches]
        for name, data in sorted(parts):
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
        return digest.hexdigest()[:16]


def read(root: Path = ROOT) -> Series:
    """The contents of steps/, before/ and after/. Raises CommandFailed if a step in between is missing."""
    steps = {}
    for number in range(1, len(STEPS) + 1):
        folder = root / "steps" / folder_name(number)
        if patches := sorted(path for path in folder.glob("*.patch") if PATCH.fullmatch(path.name)):
            steps[number] = tuple(patches)
    if missing := [number for number in range(1, max(steps, default=0)) if number not in steps]:
        raise CommandFailed(f"steps/{folder_name(missing[0])} has no patches, but a later step has.")
    return Series(tree(root / "before"), tree(root / "after"), steps)


def tree(folder: Path, *, new_too: bool = False) -> dict[str, bytes]:
    """A stage's files: the files that git tracks if the folder is part of a repository, else all except leftovers.

    With `new_too` also new files that git does not ignore.
    """
    return {name: (folder / name).read_bytes() for name in _names(folder, new_too) if (folder / name).is_file()}


def _names(folder: Path, new_too: bool) -> list[str]:
    root = folder.parent
    if (root / ".git").exists() and folder.is_dir():
        known = ["--cached", "--others", "--exclude-standard"] if new_too else ["--cached"]
        listed = Git(root).ask("ls-files", "-z", *known, "--", folder.name)
        if listed:
            return sorted(name.removeprefix(f"{folder.name}/") for name in listed.split("\0") if name)
    return list(leftovers.files(folder, hidden=True))
