"""The quick checks of steps/, which `make lint` runs. The slow checks are in tests/steps/."""

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from workshop import ROOT
from workshop.base import road, series
from workshop.base.counting import counted
from workshop.base.git import Git
from workshop.base.names import STEPS, folder_name
from workshop.base.problems import CommandFailed, Problem
from workshop.maintaining.road.each_commit import Commit, commits
from workshop.maintaining.road.export import differing, export, exported
from workshop.maintaining.road.tightening import loosened
from workshop.maintaining.walls import CONTRACTS
from workshop.maintaining.walls.sameness import SAME
from workshop.walk.changes import changed_lines

MOST_COMMITS = 6
MOST_LINES = 300
MOST_LINES_ALLOWED = 330  # "some 300": a function is not cut in two for ten lines
LONGEST_SUBJECT = 100


def patches_lead_to_after(root: Path = ROOT) -> Iterator[Problem]:
    """Plain `git am` takes the patches as `./ws dev export` writes them, and the last step gives after/."""
    try:
        laid = road.road(root)
    except CommandFailed as problem:
        yield Problem(Path("steps"), 1, str(problem))
        return
    end = laid.stages()[-1]
    if end != "after":
        other = differing(series.tree(root / "after"), series.tree(laid.stage_folder(end)))
        what = f"is not what {end} is: {counted(len(other), 'file differs', 'files differ')}, {other[0]} first"
        yield Problem(Path("after"), 1, what)


def steps_are_as_exported(root: Path = ROOT) -> Iterator[Problem]:
    """A new export would change nothing: no patch and no tree.md has been written by hand."""
    with tempfile.TemporaryDirectory(prefix="workshop-again-") as made:
        again = Path(made)
        for name in ("before", "after"):
            (again / name).mkdir()
        try:
            export(road.road(root).git, again, before=True)
        except CommandFailed as problem:
            yield Problem(Path("steps"), 1, str(problem))
            return
        for number in range(1, len(STEPS) + 1):
            here, there = (exported(folder / "steps" / folder_name(number)) for folder in (root, again))
            for name in differing(here, there):
                path = Path("steps") / folder_name(number) / name
                yield Problem(path, 1, "differs from the file that ./ws dev export writes")


def nothing_fixed_is_touched(root: Path = ROOT) -> Iterator[Problem]:
    """No commit changes plumbing/ or a migration."""
    for commit, place in _touching(root, SAME):
        yield Problem(commit.patch, 1, f"touches {place}, which is the same at every stage")


def commits_are_small(root: Path = ROOT) -> Iterator[Problem]:
    """A step has one to six commits of at most some 300 production lines, each with a good first line."""
    for commit in _commits(root):
        if commit.number > MOST_COMMITS:
            yield Problem(commit.patch, 1, f"is commit {commit.number} of its step; at most {MOST_COMMITS}")
        if (lines := changed_lines(commit.git, f"{commit.id}^", commit.id)) > MOST_LINES_ALLOWED:
            yield Problem(commit.patch, 1, f"changes {lines} production lines; at most some {MOST_LINES}")
        subject = commit.git("log", "-1", "--format=%s", commit.id)
        if len(subject) > LONGEST_SUBJECT or subject.endswith("."):
            what = f"its first line is over {LONGEST_SUBJECT} characters or ends with a full stop"
            yield Problem(commit.patch, 1, what)


def walls_only_tighten(root: Path = ROOT) -> Iterator[Problem]:
    """An import that .importlinter forbids at one commit is forbidden at the next."""
    for commit, _ in _touching(root, [CONTRACTS]):
        old, new = (commit.git.ask("show", f"{revision}:{CONTRACTS}") for revision in (f"{commit.id}^", commit.id))
        if old and new is None:
            yield Problem(commit.patch, 1, f"removes {CONTRACTS}")
        elif old and new:
            was, now = (_tree(commit.git, revision) for revision in (f"{commit.id}^", commit.id))
            for what in loosened(old, new, _modules(now).__contains__, was.__contains__, now.__contains__):
                yield Problem(commit.patch, 1, f"loosens {CONTRACTS}: {what}")


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {
    "steps: git am takes every patch, and the end is after/": patches_lead_to_after,
    "steps: exporting again changes nothing": steps_are_as_exported,
    "steps: no commit touches plumbing/ or a migration": nothing_fixed_is_touched,
    "steps: commits are few and small": commits_are_small,
    "steps: walls only tighten": walls_only_tighten,
}


def _commits(root: Path) -> list[Commit]:
    """Every commit of the road. None if the patches do not apply: another check reports that."""
    try:
        return commits(root)
    except CommandFailed:
        return []


def _touching(root: Path, places: Sequence[str]) -> Iterator[tuple[Commit, str]]:
    """The commits that change one of these files or folders, each with the first changed file."""
    known = {commit.id: commit for commit in _commits(root)}
    if known:
        last = list(known.values())[-1]
        listed = last.git("log", "--reverse", "--format=commit %H", "--name-only", f"before..{last.id}", "--", *places)
        for part in listed.split("commit ")[1:]:
            commit, *files = part.split()
            yield known[commit], files[0]


def _tree(git: Git, commit: str) -> set[str]:
    """Every file and folder of a commit."""
    return set(git("ls-tree", "-r", "-t", "--name-only", commit).splitlines())


def _modules(paths: set[str]) -> set[str]:
    """Every module and package of a tree, by its dotted name."""
    named = {re.sub(r"(/__init__)?\.py$", "", path) for path in paths}
    return {path.replace("/", ".") for path in named}
