"""The difference between two stages, or by a commit: files new, moved, changed and removed, with lines."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from workshop.base.git import Git

DIFF = ("-M", "--no-ext-diff", "--no-textconv", "--no-color")


class Kind(Enum):
    NEW = "new"
    MOVED = "moved"
    CHANGED = "changed"
    REMOVED = "removed"


KINDS = {"A": Kind.NEW, "R": Kind.MOVED, "M": Kind.CHANGED, "T": Kind.CHANGED, "D": Kind.REMOVED}


@dataclass(frozen=True)
class Change:
    """One file. `old` is the former path of a moved file, else the same as `path`."""

    kind: Kind
    path: str
    old: str
    added: int
    removed: int

    @property
    def is_test(self) -> bool:
        return is_test(self.path)


def is_test(path: str) -> bool:
    """Whether a file belongs to a stage's own tests, which have no production lines."""
    return path.split("/")[0] == "tests" or "/tests/" in path


def changes(git: Git, old: str, new: str) -> list[Change]:
    """The changes from one commit to another, by path."""
    kinds = _kinds(git.raw("diff", "--raw", "-z", "--no-abbrev", *DIFF, old, new).decode())
    lines = _lines(git.raw("diff", "--numstat", "-z", *DIFF, old, new).decode())
    return sorted(
        (Change(kind, path, before, *lines[path]) for path, (kind, before) in kinds.items()),
        key=lambda change: (list(Kind).index(change.kind), change.path),
    )


def changed_lines(git: Git, old: str, new: str) -> int:
    """The number of production lines that a reviewer has to read: added or removed lines, whichever are more.

    Blank lines, tests, moved files and lines that move within the commit do not count.
    """
    written: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    path = ""
    for line in git("diff", "--unified=0", *DIFF, old, new).splitlines():
        if line.startswith("diff --git "):
            path = ""
        elif line.startswith(("+++ b/", "--- a/")):
            path = line[6:]
        elif line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- ")) and not is_test(path):
            (written if line[0] == "+" else dropped)[line[1:].strip()] += 1
    return max(_count(written - dropped), _count(dropped - written))


def _count(lines: Counter[str]) -> int:
    return sum(number for line, number in lines.items() if line)


def _kinds(raw: str) -> dict[str, tuple[Kind, str]]:
    parts = iter(raw.split("\0"))
    found = {}
    for head in parts:
        if not head:
            continue
        kind = KINDS[head.split()[-1][0]]
        old = next(parts)
        new = next(parts) if kind is Kind.MOVED else old
        found[new] = (kind, old)
    return found


def _lines(numstat: str) -> dict[str, tuple[int, int]]:
    parts = iter(numstat.split("\0"))
    found = {}
    for head in parts:
        if not head:
            continue
        added, removed, path = head.split("\t")
        if not path:  # a file that moved: both names follow
            next(parts)
            path = next(parts)
        found[path] = tuple(0 if number == "-" else int(number) for number in (added, removed))
    return {path: (pair[0], pair[1]) for path, pair in found.items()}


def total(found: Iterable[Change]) -> tuple[int, int]:
    """Lines added and removed."""
    found = list(found)
    return sum(change.added for change in found), sum(change.removed for change in found)
