"""A disk with little room, of which a test can take the rest and give it back."""

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SMALL = 4 * 1024 * 1024  # bytes


class Tmpfs:
    """A file system of four megabytes. Only root may mount one, and not in every container."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)], capture_output=True, text=True
        )
        if mounted.returncode:
            pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")

    def fill(self, *pids: int) -> None:
        """Takes all the room that is left."""
        with (self.folder / "filler").open("ab", buffering=0) as filler, contextlib.suppress(OSError):
            for size in (65536, 4096):
                with contextlib.suppress(OSError):
                    while True:
                        filler.write(bytes(size))

    def make_room(self, *pids: int) -> None:
        (self.folder / "filler").unlink()

    def end(self) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True)


class FileSizes:
    """No disk, but a limit on the size of the files that the processes write: theirs cannot grow."""

    def __init__(self, folder: Path) -> None:
        if not hasattr(resource, "prlimit"):
            pytest.skip("this system cannot limit another process's file sizes")
        self.folder = folder
        folder.mkdir()

    def fill(self, *pids: int) -> None:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def make_room(self, *pids: int) -> None:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def end(self) -> None:
        """The processes take their limit with them."""


@contextlib.contextmanager
def small_disk(kind: str, folder: Path) -> Iterator[Tmpfs | FileSizes]:
    """A disk for one test. Skips the test, with the reason, if this system cannot have such a disk."""
    if kind == "a small file system" and os.geteuid():
        pytest.skip("only root can mount a small file system")
    disk = Tmpfs(folder) if kind == "a small file system" else FileSizes(folder)
    try:
        yield disk
    finally:
        disk.end()
