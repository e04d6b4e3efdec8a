"""The processes of this machine. Linux lists them in /proc, even without `ps`; macOS always has `ps`."""

import re
import subprocess
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A process and its parent. A zombie, which has ended and waits for its parent, still counts."""

    pid: int
    parent: int
    has_ended: bool


def listed() -> list[Process]:
    """Every visible process."""
    if (PROC / "self" / "stat").exists():
        found = [_read(folder / "stat") for folder in PROC.iterdir() if folder.name.isdigit()]
        return [process for process in found if process]
    command = ["ps", "-axo", "pid=,ppid=,stat="]
    rows = map(str.split, subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())
    return [Process(int(pid), int(parent), state.startswith("Z")) for pid, parent, state in rows]


def _read(file: Path) -> Process | None:
    """The process in /proc/PID/stat, see proc(5); None if it has ended meanwhile."""
    try:
        before, _, after = file.read_text(errors="replace").rpartition(")")
    except OSError:
        return None
    state, parent = after.split()[:2]
    return Process(int(before.split()[0]), int(parent), state in "ZX")


def descendants(ancestor: int) -> list[int]:
    """The descendants of a process: its children, their children, and so on."""
    children = defaultdict(list)
    for process in listed():
        children[process.parent].append(process.pid)
    found = [ancestor]
    for pid in found:
        found += children[pid]
    return found[1:]


def is_running(pid: int) -> bool:
    """Whether the process is alive; a zombie is not."""
    return any(process.pid == pid and not process.has_ended for process in listed())


def peak_memory(leader: int) -> float | None:
    """The peak memory of a process or of its largest descendant, in MiB; None if the system does not report it."""
    family = [process.pid for process in listed() if leader in (process.pid, process.parent)]
    peaks = []
    for pid in family:
        with suppress(OSError):  # it has ended meanwhile, or this is not Linux
            # VmHWM is the high-water mark of resident memory.
            peaks += re.findall(r"^VmHWM:\s+(\d+) kB", (PROC / str(pid) / "status").read_text(), re.MULTILINE)
    return max(map(int, peaks)) / 1024 if peaks else None
