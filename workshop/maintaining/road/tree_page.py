"""The page tree.md of a step: its commits, and the files that they change."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from workshop.base.counting import counted
from workshop.base.git import Git
from workshop.base.names import STAGES, STEPS
from workshop.walk.changes import Change, Kind, changed_lines, changes, total


def page(git: Git, number: int, commits: Sequence[str], patches: Sequence[str]) -> str:
    """The page of a step. `patches` are the file names of its commits, in the same order."""
    old, new = STAGES[number - 1], STAGES[number]
    found = changes(git, f"refs/tags/{old}", f"refs/tags/{new}")
    lines = [
        f"# Step {number}, `{STEPS[number - 1]}`: commits and files",
        "",
        _sum(found),
        "`./ws dev export` writes this page. What counts as a production line is in [CONTRIBUTING.md](../../CONTRIBUTING.md).",
        "",
        "| commit | files | production lines |",
        "| --- | ---: | ---: |",
        *(_commit_row(git, commit, patch) for commit, patch in zip(commits, patches, strict=True)),
        "",
        "| | file | added | removed |",
        "| --- | --- | ---: | ---: |",
        *(_row(change) for change in found),
        "",
    ]
    return "\n".join(lines)


def _sum(found: Sequence[Change]) -> str:
    kinds = Counter(change.kind for change in found)
    parts = ", ".join(f"{kinds[kind]} {kind.value}" for kind in Kind if kinds[kind]) or "none"
    added, removed = total(found)
    code = total([change for change in found if not change.is_test])
    return (
        f"{counted(len(found), 'file')}: {parts}. The step adds {counted(added, 'line')} and removes {removed:,};"
        f" without tests it adds {code[0]:,} and removes {code[1]:,}."
    )


def _commit_row(git: Git, commit: str, patch: str) -> str:
    subject = git("log", "-1", "--format=%s", commit)
    number = changed_lines(git, f"{commit}^", commit)
    return f"| [{_cell(subject)}]({Path(patch).name}) | {len(changes(git, f'{commit}^', commit))} | {number:,} |"


def _row(change: Change) -> str:
    moved = f"`{change.old}` → " if change.kind is Kind.MOVED else ""
    return f"| {change.kind.value} | {moved}`{change.path}` | {change.added:,} | {change.removed:,} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
