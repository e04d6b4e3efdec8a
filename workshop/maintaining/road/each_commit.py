"""The shared suite at single commits, not only at stages: at those that a change touches, or at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.git import Git
from workshop.base.names import folder_name, number_of
from workshop.base.problems import CommandFailed
from workshop.base.road import in_between, road
from workshop.base.stages import Stage
from workshop.harness import testing
from workshop.harness.testing import Run, Skipped

MOST_AT_ONCE = 2  # in `./ws test-all`: a minute and more each


@dataclass(frozen=True)
class Commit:
    """A commit of the road, its repository, the patch that it is in, and its number in the step, from 1."""

    git: Git
    id: str
    patch: Path
    number: int
    title: str


def commits(root: Path = ROOT) -> list[Commit]:
    """All of them, oldest first."""
    laid = road(root)
    found = []
    for name in laid.stages():
        if name.startswith("step-"):
            patches = sorted((root / "steps" / folder_name(number_of(name))).glob("*.patch"))
            for at, (commit, patch) in enumerate(zip(in_between(laid.git, name), patches, strict=True), start=1):
                title = f"{name}, commit {at} of {len(patches)}"
                found.append(Commit(laid.git, commit, patch.relative_to(root), at, title))
    return found


def touched(root: Path = ROOT, since: str | None = None) -> list[Commit]:
    """The commits whose patches differ from a revision. The default is the last commit, or the one before it if
    everything is committed. Raises CommandFailed if there is no such revision.
    """
    git = Git(root)
    revision = since or ("HEAD" if git.ask("status", "--porcelain", "--", "steps") else "HEAD^")
    if revision.startswith("-") or not git.commit(revision):
        raise CommandFailed(f"There is no revision {revision} here; a clone without history has one commit only.")
    listed = git.changed_since(revision, "steps")
    return [commit for commit in commits(root) if commit.patch.as_posix() in listed]


def runs(chosen: Sequence[Commit], root: Path = ROOT) -> list[Run]:
    """The shared suite at each of them."""
    laid = road(root)
    stages = [Stage(commit.title, laid.folder_of(commit.id[:12], commit.id)) for commit in chosen]
    return [testing.stage_runs(stage)[1] for stage in stages]


def runs_of_a_change(root: Path = ROOT, since: str | None = None) -> tuple[list[Run], list[Skipped]]:
    """The commits that there is time for: the first few that the last change touches, or all since a revision.

    The last commit of each step is left out, because it is a stage and is tested as a stage.
    """
    try:
        chosen = touched(root, since)
    except CommandFailed as problem:
        return [], [Skipped("the shared suite at the commits of a change", str(problem))]
    ends = set(road(root).tags().values()) if chosen else set()
    chosen = [commit for commit in chosen if commit.id not in ends]
    left = len(chosen) - MOST_AT_ONCE
    more = f"{left} of {len(chosen)}; ./ws dev check steps --commits takes the time"
    return runs(chosen[:MOST_AT_ONCE], root), [Skipped("the shared suite at more commits", more)] if left > 0 else []
