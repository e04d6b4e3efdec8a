"""Carries a change of an early step forward over all later ones, in walk/.

A maintainer edits at a stage and leaves the edit as it is, commits it on top, amends the step's last commit, or commits
`fixup! <subject>`. Then every later commit is put on top again, one at a time. Where one conflicts, the rebase stops,
says where, and goes on when told. The tags move at the end, all at once; `./ws dev export` writes them to steps/.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workshop.base.git import Git
from workshop.base.names import STAGES
from workshop.base.problems import CommandFailed
from workshop.base.road import in_between, tags
from workshop.walk import saving
from workshop.walk.saving import BRANCH
from workshop.walk.walk import Standing, Walk

STATE = "workshop-rebase.json"
FIXUP = "fixup! "
MARKERS = ("<<<<<<< ", ">>>>>>> ")


class Conflict(CommandFailed):
    """A later commit does not go on top by itself. The message says which, in which files, and how to go on."""


@dataclass
class Pick:
    """A commit still to be put on top, the step it belongs to, and whether it becomes part of the one before."""

    commit: str
    number: int
    is_fixup: bool = False


@dataclass
class State:
    """What is still to do. `tips` are the stages that are done, `start` is where the maintainer stood."""

    number: int
    start: str
    todo: list[Pick]
    tips: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    stopped_at: str = ""


class Rebase:
    """One rebase in walk/. Each method holds the walk's lock; a conflict ends it, and the next call goes on."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.git: Git = walk.git

    def start(self, number: int) -> list[str]:
        """Carries what was changed at a step forward. Returns what to tell. Raises Conflict, CommandFailed."""
        with self.walk.alone():
            if not self.walk.is_laid_out:
                raise CommandFailed(f"walk/ is not laid out. make step STEP={number} does it; then edit there.")
            if self._file.exists():
                raise CommandFailed("A rebase is under way: ./ws dev rebase --continue or --abort ends it.")
            return self._go_on(self._begin(number))

    def go_on(self) -> list[str]:
        """Goes on after a conflict has been mended."""
        with self.walk.alone():
            state = self._state()
            self._finish_pick(state)
            return self._go_on(state)

    def abort(self) -> list[str]:
        """Back to where the maintainer stood; half a mending is kept on a branch."""
        with self.walk.alone():
            state = self._state()
            standing = self.walk.standing()
            saved = list(saving.save(self.git, standing.end or None, STAGES[state.number]))
            self.git("checkout", "--quiet", "-B", BRANCH, state.start)
            self._file.unlink()
            kept = [f"Kept: {one.what} is on the branch {one.branch}." for one in saved]
            return [*kept, f"walk/ is back at {STAGES[state.number]} with your change on top. No tag has moved."]

    @property
    def is_on_its_way(self) -> bool:
        return self._file.exists()

    @property
    def _file(self) -> Path:
        return self.git.dir / STATE

    def _state(self) -> State:
        try:
            written = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CommandFailed(
                "No rebase is under way. ./ws dev rebase 2 carries a change of step 2 forward."
            ) from None
        return State(**written | {"todo": [Pick(**one) for one in written["todo"]]})

    def _write(self, state: State) -> None:
        partial = self.git.dir / f"{STATE}.part"
        partial.write_text(json.dumps(asdict(state), indent=1) + "\n", encoding="utf-8")
        os.replace(partial, self._file)

    def _begin(self, number: int) -> State:
        here = tags(self.git)
        name = STAGES[number]
        if name not in here:
            raise CommandFailed(f"walk/ has no {name}; it has {', '.join(here)}.")
        said = []
        previous = here[STAGES[number - 1]] if number else None
        head = self.git.commit("HEAD") or ""
        following = [tag for tag in here if tag not in ("before", "after") and STAGES.index(tag) > number]
        if previous and not self._leads(previous, head):
            raise CommandFailed(
                f"walk/ is not at step {number}: make step STEP={number}, edit there, and run this again."
            )
        if any(self._leads(here[tag], head) for tag in following):
            raise CommandFailed(
                f"walk/ is beyond step {number}: make step STEP={number}, edit there, and run this again."
            )
        if self.git("status", "--porcelain", "--untracked-files=all"):
            subject = self.git("log", "-1", "--format=%s", head)
            self.git("add", "--all")
            self.git("commit", "--quiet", "--no-verify", "-m", FIXUP + subject.removeprefix(FIXUP))
            head = self.git("rev-parse", "HEAD")
            said.append(f"What was not committed becomes part of “{subject.removeprefix(FIXUP)}”.")
        if head == here[name]:
            raise CommandFailed(f"Nothing has been changed at {name}: edit in walk/, and run this again.")
        mine = self._own_commits(number, head, previous)
        later = [Pick(commit, STAGES.index(tag)) for tag in following for commit in in_between(self.git, tag)]
        state = State(number, head, [*mine, *later], said=said)
        self._write(state)
        if previous:
            self.git("checkout", "--quiet", "--detach", previous)
        else:
            root = self.git("commit-tree", f"{head}^{{tree}}", given=self._message(here["before"]))
            self.git("checkout", "--quiet", "--detach", root)
            state.tips["before"] = root
        return state

    def _own_commits(self, number: int, head: str, previous: str | None) -> list[Pick]:
        """The step's commits as they shall be, each fixup behind what it mends. Before has one commit and no others."""
        if previous is None:
            return []
        picks: list[Pick] = []
        for commit in self.git("rev-list", "--reverse", f"{previous}..{head}").split():
            subject = self.git("log", "-1", "--format=%s", commit)
            wanted = subject.removeprefix(FIXUP) if subject.startswith(FIXUP) else None
            at = self._index_of(wanted, picks) if wanted is not None else None
            if wanted is not None and at is None:
                raise CommandFailed(f"{subject!r} mends no commit of step {number}.")
            picks.insert(len(picks) if at is None else at, Pick(commit, number, is_fixup=at is not None))
        return picks

    def _index_of(self, subject: str, picks: Sequence[Pick]) -> int | None:
        """Where a fixup belongs: behind the commit of that subject or id, and behind its other fixups."""
        for at, pick in enumerate(picks):
            named = self.git("log", "-1", "--format=%s", pick.commit) == subject or pick.commit.startswith(subject)
            if named and not pick.is_fixup:
                return next((n for n in range(at + 1, len(picks)) if not picks[n].is_fixup), len(picks))
        return None

    def _go_on(self, state: State) -> list[str]:
        while state.todo:
            pick = state.todo[0]
            if not self._put_on_top(pick):
                self._stop(state, pick)
            self._done(state)
        return self._end(state)

    def _put_on_top(self, pick: Pick) -> bool:
        """Whether it went by itself."""
        if pick.is_fixup:
            if not self.git.says("cherry-pick", "--no-commit", pick.commit):
                return False
            self.git("commit", "--quiet", "--amend", "--no-edit", "--no-verify", "--allow-empty")
            return True
        if self.git.commit(f"{pick.commit}^") == self.git.commit("HEAD"):
            self.git("checkout", "--quiet", "--detach", pick.commit)
            return True
        return self.git.says("cherry-pick", "--allow-empty", pick.commit) or not self._conflicts()

    def _stop(self, state: State, pick: Pick) -> None:
        state.stopped_at = self.git("rev-parse", "HEAD")
        self._write(state)
        subject = self.git("log", "-1", "--format=%s", pick.commit)
        files = ", ".join(self._conflicts()) or "(git says no more)"
        raise Conflict(
            f"{STAGES[pick.number]}, “{subject}” conflicts in {files}.\n"
            "Mend that in walk/, then: ./ws dev rebase --continue. Or give up: ./ws dev rebase --abort."
        )

    def _finish_pick(self, state: State) -> None:
        """Commits what the maintainer has mended, unless they have done it themselves."""
        pick = state.todo[0]
        if not pick.is_fixup and self.git("rev-parse", "HEAD") != state.stopped_at:
            self._done(state)
            return
        left = [name for name in self._conflicts() if self._has_markers(name)]
        if left:
            raise CommandFailed(f"There are conflict markers in {', '.join(left)}. Mend that, then --continue.")
        self.git("add", "--all")
        if pick.is_fixup:
            self.git("commit", "--quiet", "--amend", "--no-edit", "--no-verify", "--allow-empty")
        elif self.git("diff", "--cached", "--name-only", "HEAD"):
            self.git.says("cherry-pick", "--quit")
            self.git("commit", "--quiet", "--no-verify", "-C", pick.commit)
        self._done(state)

    def _done(self, state: State) -> None:
        pick = state.todo.pop(0)
        if (self.git.dir / "CHERRY_PICK_HEAD").exists():  # nothing of it is left to commit
            self.git.says("cherry-pick", "--quit")
            subject = self.git("log", "-1", "--format=%s", pick.commit)
            state.said.append(f"“{subject}” of step {pick.number} is dropped: what it did is there already.")
        if not state.todo or state.todo[0].number != pick.number:
            state.tips[STAGES[pick.number]] = self.git("rev-parse", "HEAD")
        self._write(state)

    def _end(self, state: State) -> list[str]:
        here = tags(self.git)
        last = max(state.tips, key=STAGES.index, default=STAGES[state.number])
        if "after" in here:
            state.tips["after"] = state.tips[last]
        moves = "".join(f"update refs/tags/{name} {commit}\n" for name, commit in state.tips.items())
        self.git("update-ref", "--stdin", given=moves)
        name = STAGES[state.number]
        self.git("checkout", "--quiet", "-B", BRANCH, f"refs/tags/{name}")
        standing = self.walk.standing()
        self.walk.note(Standing(standing.series, state.tips[last], name, rebased=True))
        self._file.unlink()
        moved = len([tip for tip in state.tips if tip != "after"])
        said = f"Carried forward: {moved} {'stage has' if moved == 1 else 'stages have'} moved, up to {last}."
        return [*state.said, said, "./ws dev export --after writes steps/ and after/."]

    def _conflicts(self) -> list[str]:
        lines = self.git("ls-files", "--unmerged", "-z").split("\0")
        return sorted({line.split("\t", 1)[1] for line in lines if line})

    def _has_markers(self, name: str) -> bool:
        path = self.walk.folder / name
        return path.is_file() and any(
            line.startswith(MARKERS) for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        )

    def _leads(self, old: str, new: str) -> bool:
        return self.git.says("merge-base", "--is-ancestor", old, new)

    def _message(self, commit: str) -> str:
        return self.git("log", "-1", "--format=%B", commit) + "\n"
