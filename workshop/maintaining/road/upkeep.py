"""The quick checks of steps/, which `make lint` runs. The slow checks are in tests/steps/."""

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from workshop import ROOT
from workshop.base import road, series
from workshop.base.counting import counted
from workshop.base.git import Git
from workshop.base.names import STAGES, STEPS, folder_name, number_of
from workshop.base.problems import CommandFailed, Problem
from workshop.maintaining.road.export import differing, export
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
    if not _has_patches(root):
        return
    try:
        laid = road.road(root)
    except CommandFailed as problem:
        yield Problem(Path("steps"), 1, str(problem))
        return
    end = [name for name in laid.stages() if name != "after"][-1]
    if end != STAGES[-2]:
        yield Problem(Path("steps"), 1, f"the steps end with {end}; there are {len(STEPS)}")
    if "after" not in laid.stages():
        other = differing(series.tree(root / "after"), series.tree(laid.stage_folder(end)))
        yield Problem(
            Path("after"),
            1,
            f"is not what {end} is: {counted(len(other), 'file differs', 'files differ')}, {other[0]} first",
        )


def steps_are_as_exported(root: Path = ROOT) -> Iterator[Problem]:
    """A new export would change nothing: no patch and no tree.md has been written by hand."""
    if not _has_patches(root):
        return
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
            here, there = (_exported(folder / "steps" / folder_name(number)) for folder in (root, again))
            for name in differing(here, there):
                path = Path("steps") / folder_name(number) / name
                yield Problem(path, 1, "differs from the file that ./ws dev export writes")


def nothing_fixed_is_touched(root: Path = ROOT) -> Iterator[Problem]:
    """No commit changes plumbing/ or a migration."""
    for _, name, at, _, place in _touching(root, SAME):
        yield Problem(_patch(root, name, at), 1, f"touches {place}, which is the same at every stage")


def commits_are_small(root: Path = ROOT) -> Iterator[Problem]:
    """A step has one to six commits of at most some 300 production lines, each with a good first line."""
    for laid, name, at, commit in _commits(root):
        patch = _patch(root, name, at)
        if at == MOST_COMMITS:
            yield Problem(patch, 1, f"is the {at + 1}th commit of its step; at most {MOST_COMMITS}")
        if (lines := changed_lines(laid.git, f"{commit}^", commit)) > MOST_LINES_ALLOWED:
            yield Problem(patch, 1, f"changes {lines} production lines; at most some {MOST_LINES}")
        subject = laid.git("log", "-1", "--format=%s", commit)
        if len(subject) > LONGEST_SUBJECT or subject.endswith("."):
            yield Problem(patch, 1, f"its first line is over {LONGEST_SUBJECT} characters or ends with a full stop")


def walls_only_tighten(root: Path = ROOT) -> Iterator[Problem]:
    """An import that .importlinter forbids at one commit is forbidden at the next."""
    for laid, name, at, commit, _ in _touching(root, [CONTRACTS]):
        old, new = (laid.git.ask("show", f"{revision}:{CONTRACTS}") for revision in (f"{commit}^", commit))
        if old is None:
            continue
        if new is None:
            yield Problem(_patch(root, name, at), 1, f"removes {CONTRACTS}")
            continue
        was, now = (_tree(laid.git, revision) for revision in (f"{commit}^", commit))
        for what in loosened(old, new, _modules(now).__contains__, was.__contains__, now.__contains__):
            yield Problem(_patch(root, name, at), 1, f"loosens {CONTRACTS}: {what}")


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {
    "steps: git am takes every patch, and the end is after/": patches_lead_to_after,
    "steps: exporting again changes nothing": steps_are_as_exported,
    "steps: no commit touches plumbing/ or a migration": nothing_fixed_is_touched,
    "steps: commits are few and small": commits_are_small,
    "steps: walls only tighten": walls_only_tighten,
}


def _has_patches(root: Path) -> bool:
    return any((root / "steps").glob("*/*.patch"))


def _commits(root: Path) -> Iterator[tuple[road.Road, str, int, str]]:
    """Each commit with its road, its stage and its place in the step. None if the patches do not apply: another check
    reports that.
    """
    if not _has_patches(root):
        return
    try:
        laid = road.road(root)
    except CommandFailed:
        return
    for name in laid.stages():
        if number_of(name) > 0 and name != "after":
            for at, commit in enumerate(road.in_between(laid.git, name)):
                yield laid, name, at, commit


def _patch(root: Path, name: str, at: int) -> Path:
    return sorted((root / "steps" / folder_name(number_of(name))).glob("*.patch"))[at].relative_to(root)


def _exported(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in [*folder.glob("*.patch"), *folder.glob("tree.md")]}


def _touching(root: Path, places: Sequence[str]) -> Iterator[tuple[road.Road, str, int, str, str]]:
    """The commits that change one of these files or folders, as in `_commits`, and the first changed file."""
    commits = {commit: (laid, name, at, commit) for laid, name, at, commit in _commits(root)}
    if not commits:
        return
    laid, *_, end = list(commits.values())[-1]
    listed = laid.git("log", "--reverse", "--format=commit %H", "--name-only", f"before..{end}", "--", *places)
    for part in listed.split("commit ")[1:]:
        commit, *files = part.split()
        yield *commits[commit], files[0]


def _tree(git: Git, commit: str) -> set[str]:
    """Every file and folder of a commit."""
    return set(git("ls-tree", "-r", "-t", "--name-only", commit).splitlines())


def _modules(paths: set[str]) -> set[str]:
    """Every module and package of a tree, by its dotted name."""
    named = {re.sub(r"(/__init__)?\.py$", "", path) for path in paths}
    return {path.replace("/", ".") for path in named}
