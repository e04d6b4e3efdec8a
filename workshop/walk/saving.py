"""Saves a learner's work in walk/ before any file there changes.

Staged, changed and new files are committed on a branch of the learner's. Their commits get a branch if they have none.
An unfinished merge or rebase ends with its state saved. A process killed here leaves the files as they were, and HEAD
where it was or on the new branch.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workshop.base.git import Git
from workshop.base.names import STAGES

BRANCH = "walk"
YOURS = "yours"
UNFINISHED = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}


@dataclass(frozen=True)
class Saved:
    """A branch that now holds a part of the learner's work, and a description of it."""

    branch: str
    what: str


def save(git: Git, end: str | None, stage: str) -> Iterator[Saved]:
    """Puts all of the learner's work on branches, each named after the stage on which the work is based.

    `end` is the road's last commit; the commits before it are not the learner's. `stage` is the name to use if the
    commits show no other. Afterwards the working tree is clean: HEAD is detached at the saved work, or where it was.
    """
    unfinished = sorted({word for name, word in UNFINISHED.items() if (git.dir / name).exists()})
    if git("status", "--porcelain", "--untracked-files=all"):
        also = f", in the middle of a {unfinished[0]}" if unfinished else ""
        yield Saved(_commit_all(git, _stands_on(git, "HEAD") or stage), f"what you had changed{also}")
    elif (head := git.commit("HEAD")) and not _is_kept(git, head, end):
        yield Saved(_new_branch(git, _stands_on(git, head) or stage, head), "what you had committed")
    for word in unfinished:
        _end(git, word)
    walk = git.commit(f"refs/heads/{BRANCH}")
    if walk and not _is_kept(git, walk, end):
        yield Saved(_new_branch(git, _stands_on(git, walk) or stage, walk), f"what you had committed on {BRANCH}")


def _commit_all(git: Git, stage: str) -> str:
    """Commits the index, then the files, on a new branch: two commits if the index and the files differ.

    In the middle of a merge or a conflict it is one commit, which ends it.
    """
    branch = _new_branch(git, stage, git("rev-parse", "HEAD"))
    git("symbolic-ref", "HEAD", f"refs/heads/{branch}")  # changes no file
    is_staged = git("diff", "--cached", "--name-only") and git("ls-files", "--others", "--modified", "--exclude-standard")
    if is_staged and not git("ls-files", "--unmerged"):
        git("commit", "--quiet", "--no-verify", "-m", f"What was staged at {stage}")
    git("add", "--all", ".")
    git.says("commit", "--quiet", "--no-verify", "-m", f"What was changed at {stage}")
    git("checkout", "--quiet", "--detach")
    return branch


def _new_branch(git: Git, stage: str, commit: str) -> str:
    """A branch that did not exist: yours/step-04, yours/step-04-2 and so on."""
    prefix = YOURS if not git.commit(f"refs/heads/{YOURS}") else f"{YOURS}-too"
    taken = set(git("for-each-ref", "--format=%(refname:strip=2)", "refs/heads").splitlines())
    taken = {name.lower() for name in taken}  # a disk may ignore upper and lower case
    number = 1
    while (name := f"{prefix}/{stage}" + (f"-{number}" if number > 1 else "")) in taken:
        number += 1
    git("update-ref", f"refs/heads/{name}", commit, "0" * 40)
    return name


def _stands_on(git: Git, commit: str) -> str:
    """The last stage of the road before a commit; empty if there is none."""
    passed = (git.ask("tag", "--merged", commit) or "").splitlines()
    return max((name for name in passed if name in STAGES[:-1]), key=STAGES.index, default="")


def _is_kept(git: Git, commit: str, end: str | None) -> bool:
    """Whether a commit belongs to the road, or to a branch that will not move now."""
    if end and git.says("merge-base", "--is-ancestor", commit, end):
        return True
    on = git("for-each-ref", "--format=%(refname:strip=2)", f"--contains={commit}", "refs/heads").splitlines()
    return any(name != BRANCH for name in on)


def _end(git: Git, word: str) -> None:
    for call in (("am", "--quit"), ("rebase", "--quit")) if word == "rebase" else ((word, "--quit"),):
        git.says(*call)
    for name, of in UNFINISHED.items():
        if of == word and (path := git.dir / name).exists():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
