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
    """The changes from one commit to another, by kind and path."""
    before, after = (git("ls-tree", "-r", "-z", "--name-only", commit).split("\0") for commit in (old, new))
    parts = iter(git.raw("diff", "--numstat", "-z", *DIFF, old, new).decode().split("\0"))
    found = []
    for head in filter(None, parts):
        added, removed, path = head.split("\t")
        was, path = (path, path) if path else (next(parts), next(parts))  # both names of a moved file follow
        if was != path:
            kind = Kind.MOVED
        else:
            kind = Kind.NEW if path not in before else Kind.CHANGED if path in after else Kind.REMOVED
        found.append(Change(kind, path, was, *(0 if count == "-" else int(count) for count in (added, removed))))
    return sorted(found, key=lambda change: (list(Kind).index(change.kind), change.path))


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
    del written[""], dropped[""]
    return max((written - dropped).total(), (dropped - written).total())


def total(found: Iterable[Change]) -> tuple[int, int]:
    """Lines added and removed."""
    found = list(found)
    return sum(change.added for change in found), sum(change.removed for change in found)
