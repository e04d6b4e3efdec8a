"""The road as a git repository: one commit a patch, a tag a stage, the same ids on every machine.

It is made once for each content of steps/, in var/stages/, next to the stages' own folders. A learner never works
there, so a stage has exactly the files that its patches make.
"""

import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base import git, series
from workshop.base.git import Git, GitFailed
from workshop.base.names import STAGES, number_of, stage_name
from workshop.base.problems import CommandFailed

CACHE = Path("var") / "stages"
BEGINNING = "2026-01-01T00:00:00+0000"
FIRST_MESSAGE = "Start from before/\n\nA webhook server as a good Django team writes it after two years of growth.\n"
DAYS_KEPT = 7


@dataclass(frozen=True)
class Road:
    """A repository with the tags. `folder` also holds the folders of stages made from it."""

    folder: Path
    key: str

    @property
    def git(self) -> Git:
        return Git(self.folder / "repository")

    def stages(self) -> list[str]:
        """The existing stages, in order. `after` is one of them if the last step leads to after/."""
        return [name for name in STAGES if name in self.tags()]

    def tags(self) -> dict[str, str]:
        """The commit of each stage."""
        return tags(self.git)

    def require(self, written: str) -> str:
        """The name of an existing stage. Raises CommandFailed."""
        name, here = stage_name(written), self.stages()
        if name in here:
            return name
        if name == "after":
            raise CommandFailed(f"The steps so far lead to {here[-1]}, which is not after/.")
        raise CommandFailed(f"There is no stage {name} yet. The stages are: {', '.join(here)}.")

    def stage_folder(self, name: str) -> Path:
        """A folder with that stage's files, made at its first use."""
        name = self.require(name)
        return self.folder_of(name, f"refs/tags/{name}")

    def folder_of(self, name: str, commit: str) -> Path:
        """The same for any commit, under the given name."""
        folder = self.folder / name
        if not folder.exists():
            with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=self.folder) as made:
                partial = Path(made) / name
                partial.mkdir()
                out = Git(partial, self.git.dir, Path(made) / "index")
                out("read-tree", commit)
                out("checkout-index", "--all")
                _rename(partial, folder)
        return folder


def road(root: Path = ROOT) -> Road:
    """The road that steps/ describes, made now if it does not exist yet."""
    found = series.read(root)
    if not found.steps:
        raise CommandFailed("There are no patches in steps/.")
    folder = root / CACHE / found.key
    if not (folder / "repository").exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="laying-", dir=folder) as made:
            lay_out(found, Path(made) / "repository")
            _rename(Path(made) / "repository", folder / "repository")
        _forget_old(root / CACHE, found.key)
    os.utime(folder)
    return Road(folder, found.key)


def lay_out(found: series.Series, folder: Path) -> Git:
    """Makes the repository: before/ as the first commit, then `git am`, a tag after each step."""
    repository = git.begin(folder)
    _commit_files(repository, found)
    for number, patches in sorted(found.steps.items()):
        try:
            dated = "--committer-date-is-author-date"
            repository("am", "--quiet", dated, *(str(patch.resolve()) for patch in patches))
        except GitFailed as failure:
            raise CommandFailed(_why_not(repository, patches, failure)) from failure
        repository("tag", STAGES[number])
    end = STAGES[max(found.steps, default=0)]
    files = repository("ls-files", "-z").split("\0")
    if {name: (folder / name).read_bytes() for name in files if name} == found.after:
        repository("tag", "after", end)
    return repository


def tags(repository: Git) -> dict[str, str]:
    """The commits that a repository's tags with a stage's name stand for."""
    form = "--format=%(refname:strip=2) %(objectname) %(*objectname)"  # the last: an annotated tag's commit
    lines = [line.split() for line in repository("for-each-ref", form, "refs/tags").splitlines()]
    found = {line[0]: line[-1] for line in lines}
    return {name: found[name] for name in STAGES if name in found}


def in_between(repository: Git, name: str) -> list[str]:
    """The commits of a step, oldest first. `name` is its stage."""
    if number_of(name) == 0:
        return []
    return repository("rev-list", "--reverse", f"{STAGES[number_of(name) - 1]}..{name}").split()


def _commit_files(repository: Git, found: series.Series) -> None:
    for name, data in found.before.items():
        (repository.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (repository.folder / name).write_bytes(data)
    dated = Git(repository.folder, more={"GIT_AUTHOR_DATE": BEGINNING, "GIT_COMMITTER_DATE": BEGINNING})
    dated("-c", "core.fileMode=false", "add", "--all", "--force", ".")  # so all disks make the same commit
    dated("commit", "--quiet", "--no-verify", "--cleanup=verbatim", "--file=-", given=FIRST_MESSAGE)
    repository("tag", "before")


def _why_not(repository: Git, patches: tuple[Path, ...], failure: GitFailed) -> str:
    at = repository.dir / "rebase-apply" / "next"
    number = int(at.read_text()) if at.exists() else 1
    patch = patches[min(number, len(patches)) - 1]
    return (
        f"steps/{patch.parent.name}/{patch.name} does not apply:\n{failure.said}\n"
        "Has before/ or a patch been changed here? `git status` shows it, `git checkout before steps` restores both."
    )


def _rename(made: Path, wanted: Path) -> None:
    """Puts a finished folder in its place. If another process was faster, its folder is the same."""
    try:
        os.rename(made, wanted)
    except OSError:
        if not wanted.exists():
            raise


def _forget_old(cache: Path, key: str) -> None:
    """Removes roads that no command has used for a week, so that a road in use stays."""
    for path in cache.iterdir():
        if path.name != key and path.stat().st_mtime < time.time() - DAYS_KEPT * 24 * 3600:
            shutil.rmtree(path, ignore_errors=True)
