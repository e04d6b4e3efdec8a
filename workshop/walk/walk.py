"""walk/: the migration as a git repository that a learner walks through, and edits in.

The commits come from the road in var/stages/, so they are the same everywhere. Moving to a stage rewrites the files that
differ and no others, so an open editor follows.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base import files, leftovers
from workshop.base.problems import CommandFailed
from workshop.base import git
from workshop.walk import saving
from workshop.base.git import Git, GitFailed
from workshop.base.locks import locked
from workshop.base.names import stage_name
from workshop.base.road import Road, road, tags
from workshop.walk.saving import BRANCH, Saved

SECONDS_TO_WAIT = 20


@dataclass
class Standing:
    """The recorded state of walk/: which road it holds, and the learner's stage.

    `rebased` is set after a maintainer has moved the tags, until the export.
    """

    series: str = ""
    end: str = ""
    stage: str = "before"
    rebased: bool = False


@dataclass(frozen=True)
class Arrival:
    """The stage of walk/ after a move, and the work saved before it. `was` is empty if walk/ is new."""

    stage: str
    was: str
    saved: tuple[Saved, ...]


class Walk:
    """The learner's repository. WS_WALK names another folder for it."""

    def __init__(self, root: Path = ROOT, folder: Path | None = None) -> None:
        self.root = root
        self.folder = folder or Path(os.environ.get("WS_WALK") or root / "walk")
        self.git = Git(self.folder)

    def lay_out(self) -> Arrival:
        """Makes walk/, or updates it to the present steps/. If it is up to date, nothing changes."""
        with self.alone():
            laid, standing = road(self.root), self.standing()
            if standing.rebased or (standing.series == laid.key and tags(self.git) == laid.tags()):
                return Arrival(standing.stage, standing.stage, ())
            return self._move(laid, standing.stage if standing.stage in laid.stages() else "before")

    def go(self, written: str) -> Arrival:
        """Puts walk/ at a stage; first saves the learner's changes. Raises CommandFailed."""
        with self.alone():
            name = stage_name(written)
            laid = road(self.root)
            if not self.standing().rebased or name not in tags(self.git):
                laid.require(name)
            return self._move(laid, name)

    def adopt(self) -> None:
        """Takes over the commits that an export has made from those of walk/: the same trees under their final ids."""
        with self.alone():
            laid, standing = road(self.root), self.standing()
            at = next((name for name, commit in tags(self.git).items() if commit == self.git.commit("HEAD")), None)
            self._bring(laid)
            if at and not self.git("status", "--porcelain", "--untracked-files=no"):
                self.git("checkout", "--quiet", "-B", BRANCH, f"refs/tags/{at}")
            self.note(self._at(laid, at or standing.stage))

    def standing(self) -> Standing:
        """Reads the recorded state of walk/."""
        try:
            return Standing(**json.loads(self._notes.read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
            return Standing()

    def note(self, standing: Standing) -> None:
        """Records the state of walk/, in one step."""
        files.write(self._notes, json.dumps(asdict(standing), indent=1) + "\n")

    @property
    def is_laid_out(self) -> bool:
        return self._notes.exists()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lets one command work at a time: a second one waits a little, then fails with the reason."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        (self.root / "var").mkdir(exist_ok=True)
        busy = "Another command is changing walk/. Wait until it ends, then try again."
        with locked(self.root / "var" / "walk.lock", busy, SECONDS_TO_WAIT):
            yield

    @property
    def _notes(self) -> Path:
        return self.git.dir / "workshop.json"

    def _move(self, laid: Road, name: str) -> Arrival:
        if (self.git.dir / "workshop-rebase.json").exists():
            raise CommandFailed("A rebase is unfinished in walk/. End it: ./ws dev rebase --continue or --abort.")
        self._prepare()
        before = self.standing()
        was = before.stage if before.series else ""
        saved = list(saving.save(self.git, before.end or None, before.stage)) if self.git.commit("HEAD") else []
        if not before.rebased:
            self._bring(laid)
        try:
            self.git("checkout", "--quiet", "--no-overwrite-ignore", "-B", BRANCH, f"refs/tags/{name}")
        except GitFailed as failure:
            told = "".join(f" Your changes are on the branch {branch.branch}." for branch in saved)
            raise CommandFailed(f"walk/ could not be put at {name}:\n{failure.said}\n{told}".rstrip()) from failure
        now = Standing(before.series, before.end, name, rebased=True) if before.rebased else self._at(laid, name)
        self.note(now)
        return Arrival(name, was, tuple(saved))

    def _prepare(self) -> None:
        if self.folder.is_dir() and any(self.folder.iterdir()) and not self.git.dir.is_dir():
            raise CommandFailed(
                f"{self.folder.name}/ exists, but make walk did not make it. Move it away, and run this again."
            )
        git.begin(self.folder, BRANCH)
        (self.git.dir / "info" / "exclude").write_text(leftovers.as_gitignore(self.folder), encoding="utf-8")

    def _bring(self, laid: Road) -> None:
        """Copies the road's commits and tags into walk/."""
        there, here = laid.tags(), tags(self.git)
        if there == here:
            return
        end = next(reversed(there.values()))
        if not self.git.says("cat-file", "-e", end):
            pack = laid.git.raw("pack-objects", "--revs", "--stdout", "-q", given=f"{end}\n")
            self.git("index-pack", "--stdin", given=pack)
        gone = [f"delete refs/tags/{name}" for name in here if name not in there]
        moved = [f"update refs/tags/{name} {commit}" for name, commit in there.items()]
        self.git("update-ref", "--stdin", given="\n".join([*gone, *moved]) + "\n")

    def _at(self, laid: Road, name: str) -> Standing:
        return Standing(laid.key, next(reversed(laid.tags().values())), name)
