"""Carries a change of an early step forward over all later ones, in walk/. It needs git 2.38 or later.

A maintainer edits at a stage. The edit stays uncommitted, or is committed on top, or as an amended last commit of the
step, or as `fixup! <subject>`. Then git rebases: first the step's own commits, so that each fixup joins its commit, then all later
commits. A branch for each stage moves along (`--update-refs`). If a commit conflicts, git stops until `--continue`. The
tags move at the end, all at once; `./ws dev export` writes them to steps/.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from workshop.base import files
from workshop.base.counting import counted
from workshop.base.names import STAGES
from workshop.base.problems import CommandFailed
from workshop.base.road import in_between, tags
from workshop.walk import saving
from workshop.walk.saving import BRANCH
from workshop.walk.walk import Standing, Walk

STATE = "workshop-rebase.json"
FIXUP = "fixup! "
MARKERS = "^(<<<<<<<|>>>>>>>) "
ALONG = "stage/"  # the branches that move along


@dataclass
class State:
    """The changed step, the maintainer's commit, the old commits of each stage, and the messages so far.

    `own_are_done` says that the step's own commits are finished, and that the rebase of the later ones has begun.
    """

    number: int
    start: str
    commits: dict[str, list[str]]
    own_are_done: bool = False
    said: list[str] = field(default_factory=list)


class Rebase:
    """One rebase in walk/. Each method holds the walk's lock; a conflict ends it, and the next call goes on."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.git = walk.git
        self._file = self.git.dir / STATE

    def start(self, number: int) -> list[str]:
        """Carries the changes at a step forward. Returns lines for the maintainer. Raises CommandFailed."""
        if not self.walk.is_laid_out:
            raise CommandFailed(f"There is no walk/ yet. make step STEP={number} makes it; then edit there.")
        with self.walk.alone():
            if self.is_on_its_way:
                raise CommandFailed("A rebase is unfinished: ./ws dev rebase --continue or --abort ends it.")
            return self._go_on(self._begin(number))

    def go_on(self) -> list[str]:
        """Goes on after the maintainer has fixed a conflict, committed or not."""
        with self.walk.alone():
            state = self._state()
            if left := self.git.ask("grep", "--name-only", "--extended-regexp", MARKERS):
                names = ", ".join(left.splitlines())
                raise CommandFailed(f"There are conflict markers in {names}. Fix that, then --continue.")
            self.git("add", "--all")
            self._rebase(state, "--continue")
            return self._go_on(state)

    def abort(self) -> list[str]:
        """Goes back to the maintainer's commit; half-fixed files are kept on a branch."""
        with self.walk.alone():
            state = self._state()
            saved = list(saving.save(self.git, self.walk.standing().end or None, STAGES[state.number]))
            self.git("checkout", "--quiet", "-B", BRANCH, state.start)
            self._forget(state)
            kept = [f"Kept: {branch.what} is on the branch {branch.branch}." for branch in saved]
            return [*kept, f"walk/ is back at {STAGES[state.number]} with your change on top. No tag has moved."]

    @property
    def is_on_its_way(self) -> bool:
        return self._file.exists()

    def _state(self) -> State:
        try:
            return State(**json.loads(self._file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            what = "There is no unfinished rebase. ./ws dev rebase 2 carries a change of step 2 forward."
            raise CommandFailed(what) from None

    def _note(self, state: State) -> None:
        files.write(self._file, json.dumps(asdict(state), indent=1) + "\n")

    def _begin(self, number: int) -> State:
        here, name = tags(self.git), STAGES[number]
        if name not in here:
            raise CommandFailed(f"walk/ has no {name}; it has {', '.join(here)}.")
        following = [tag for tag in here if tag != "after" and STAGES.index(tag) > number]
        head, again = self.git("rev-parse", "HEAD"), f"make step STEP={number}, edit there, and run this again."
        if number and not self._leads(here[STAGES[number - 1]], head):
            raise CommandFailed(f"walk/ is not at step {number}: {again}")
        if any(self._leads(here[tag], head) for tag in following):
            raise CommandFailed(f"walk/ is beyond step {number}: {again}")
        state = State(number, head, {tag: in_between(self.git, tag) for tag in (name, *following)})
        if self.git("status", "--porcelain", "--untracked-files=all"):
            subject = self._subject(head).removeprefix(FIXUP)
            self.git("add", "--all")
            self.git("commit", "--quiet", "--no-verify", "-m", FIXUP + subject)
            state.start = self.git("rev-parse", "HEAD")
            state.said.append(f"Uncommitted changes become part of “{subject}”.")
        if state.start == here[name]:
            raise CommandFailed(f"Nothing has been changed at {name}: edit in walk/, and run this again.")
        if number:
            self._must_fit(number, here[STAGES[number - 1]], state.start)
        for tag in state.commits:
            self.git("branch", "--force", ALONG + tag, f"refs/tags/{tag}")
        self._note(state)
        if number:
            self.git("checkout", "--quiet", "--detach", state.start)
            self._rebase(state, "--interactive", "--autosquash", here[STAGES[number - 1]])
        else:
            message = self.git("log", "-1", "--format=%B", "before") + "\n"
            alone = self.git("commit-tree", f"{state.start}^{{tree}}", given=message)
            self.git("checkout", "--quiet", "--detach", alone)
        return state

    def _must_fit(self, number: int, previous: str, head: str) -> None:
        """Each fixup names a commit of the step. Raises CommandFailed."""
        subjects = self.git("log", "--format=%s", f"{previous}..{head}").splitlines()
        for subject in subjects:
            if subject.startswith(FIXUP) and subject.removeprefix(FIXUP) not in subjects:
                raise CommandFailed(f"{subject!r} belongs to no commit of step {number}.")

    def _go_on(self, state: State) -> list[str]:
        if not state.own_are_done:
            own, *following = state.commits
            self.git("branch", "--force", ALONG + own, "HEAD")
            state.own_are_done = True
            self._note(state)
            if following:
                self._rebase(state, "--update-refs", "--onto", ALONG + own, f"refs/tags/{own}", ALONG + following[-1])
        return self._end(state)

    def _rebase(self, state: State, *arguments: str) -> None:
        """Raises CommandFailed if git stops."""
        options = () if arguments == ("--continue",) else ("--quiet", "--empty=drop", "--no-verify")
        done = self.git.run("rebase", *options, *arguments)
        if not done.returncode:
            return
        stopped = self.git.commit("REBASE_HEAD")
        if not stopped:
            raise CommandFailed(f"git rebase failed:\n{done.stderr.decode(errors='replace')}")
        stage = next((tag for tag, commits in state.commits.items() if stopped in commits), STAGES[state.number])
        named = self.git("diff", "--name-only", "--diff-filter=U").splitlines()
        conflicts = ", ".join(named) or "(git names no file)"
        raise CommandFailed(
            f"{stage}, “{self._subject(stopped)}” conflicts in {conflicts}.\n"
            "Fix that in walk/, then: ./ws dev rebase --continue. Or give up: ./ws dev rebase --abort."
        )

    def _end(self, state: State) -> list[str]:
        state.said += self._dropped(state)
        tips = {tag: self.git("rev-parse", f"refs/heads/{ALONG}{tag}") for tag in state.commits}
        last, name = list(tips)[-1], STAGES[state.number]
        if "after" in tags(self.git):
            tips["after"] = tips[last]
        moves = "".join(f"update refs/tags/{tag} {commit}\n" for tag, commit in tips.items())
        self.git("update-ref", "--stdin", given=moves)
        self.git("checkout", "--quiet", "-B", BRANCH, f"refs/tags/{name}")
        self.walk.note(Standing(self.walk.standing().series, tips[last], name, rebased=True))
        self._forget(state)
        said = f"Carried forward: {counted(len(state.commits), 'stage has', 'stages have')} moved, up to {last}."
        return [*state.said, said, "./ws dev export --after writes steps/ and after/."]

    def _dropped(self, state: State) -> Iterator[str]:
        """The later commits that have become empty."""
        for old, tag in zip(state.commits, list(state.commits)[1:], strict=False):
            there = self.git("log", "--format=%s", f"{ALONG}{old}..{ALONG}{tag}").splitlines()
            for subject in map(self._subject, state.commits[tag]):
                if subject not in there:
                    yield f"“{subject}” of step {STAGES.index(tag)} is dropped: an earlier commit already makes its change."

    def _forget(self, state: State) -> None:
        self.git("branch", "--quiet", "-D", *(ALONG + tag for tag in state.commits))
        self._file.unlink()

    def _leads(self, old: str, new: str) -> bool:
        return self.git.says("merge-base", "--is-ancestor", old, new)

    def _subject(self, commit: str) -> str:
        return self.git("log", "-1", "--format=%s", commit)
