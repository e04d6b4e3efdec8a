"""One command for a change of a step: it carries the change forward, writes it, measures it and checks it.

    ./ws step 2            then edit in walk/
    ./ws dev change 2      does all parts; if it stops, it says why
    ./ws dev change --continue

Finished parts are noted in var/change.json, so that no part runs a second time after a stop.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workshop import ROOT
from workshop.base import setup
from workshop.base.git import Git
from workshop.base.names import STAGES
from workshop.base.problems import CommandFailed, Problem
from workshop.base.stages import all_stages
from workshop.maintaining import measure
from workshop.maintaining.checking import check_steps
from workshop.maintaining.documents import curve, excerpts, figures, transcripts
from workshop.maintaining.road.export import export
from workshop.maintaining.road.rebase import Rebase
from workshop.maintaining.twins import recordings
from workshop.walk.walk import Walk

AGAIN = "Fix the problem, then run ./ws dev change --continue. Or give up: ./ws dev change --abort."
BEGIN_AGAIN = (
    "If the fix is in walk/, give up, edit there, and begin again: no part after the rebase carries it forward."
)


@dataclass
class State:
    """The changed step, and the finished parts of the work."""

    number: int
    done: list[str] = field(default_factory=list)


class Change:
    """One unfinished change. `start`, `go_on` and `abort` yield lines for the maintainer."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.file = root / "var" / "change.json"
        self.parts: dict[str, Callable[[State], Iterator[str]]] = {
            "rebase": self._rebase,
            "export": self._export,
            "excerpts": self._excerpts,
            "record": self._record,
            "measure": self._measure,
            "figures": self._figures,
            "transcripts": self._transcripts,
            "check": self._check,
        }

    def start(self, number: int) -> Iterator[str]:
        """Does all parts for the changes in walk/ at a step. Raises CommandFailed if a part fails."""
        if self.file.exists():
            raise CommandFailed(f"A change of step {self._state().number} is unfinished. {AGAIN}")
        yield from self._go(State(number))

    def go_on(self) -> Iterator[str]:
        """Does the remaining parts, from the one that failed."""
        yield from self._go(self._state())

    def abort(self) -> Iterator[str]:
        """Forgets the finished parts. Files that were written stay; git shows them and can restore them."""
        state, carrying = self._state(), Rebase(Walk(self.root))
        if carrying.is_on_its_way:
            yield from carrying.abort()
        self.file.unlink()
        yield f"Given up: {', '.join(state.done) or 'nothing'} was done. git status shows the written files."

    def _state(self) -> State:
        try:
            return State(**json.loads(self.file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise CommandFailed("There is no unfinished change. ./ws dev change 2 takes a change of step 2.") from None

    def _go(self, state: State) -> Iterator[str]:
        for name, part in self.parts.items():
            if name in state.done:
                continue
            yield f"== {name}"
            try:
                yield from part(state)
            except CommandFailed as stop:
                if name != "rebase" or Rebase(Walk(self.root)).is_on_its_way:
                    self._note(state)
                    advice = AGAIN if name == "rebase" else f"{AGAIN} {BEGIN_AGAIN}"
                    raise CommandFailed(f"Stopped at {name}: {stop}\n{advice}") from stop
                raise
            state.done.append(name)
            self._note(state)
        self.file.unlink()
        yield f"Done: {', '.join(state.done)}. git diff shows the change; make lint and make test prove the rest."

    def _note(self, state: State) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(json.dumps(asdict(state)) + "\n", encoding="utf-8")

    def _rebase(self, state: State) -> Iterator[str]:
        """Begins the rebase, or goes on with its own; `./ws dev rebase` may have ended that meanwhile."""
        walk = Walk(self.root)
        carrying = Rebase(walk)
        if not self.file.exists():
            yield from carrying.start(state.number)
        elif carrying.is_on_its_way:
            yield from carrying.go_on()
        elif walk.standing().rebased:
            yield "The rebase has ended already."
        else:
            raise CommandFailed("The rebase was given up, so there is no change to take on: ./ws dev change --abort.")

    def _export(self, state: State) -> Iterator[str]:
        walk = Walk(self.root)
        done = export(walk.git, self.root, before=state.number == 0, after=True)
        if (self.root / ".git").exists():
            Git(self.root)("add", "--intent-to-add", "before", "after")  # git diff shows a new file only then
        yield from done.told(self.root)
        walk.adopt()

    def _excerpts(self, state: State) -> Iterator[str]:
        yield from excerpts.correct(self.root)
        _none_of(excerpts.excerpts_are_true(self.root))

    def _reached(self, state: State) -> list[str]:
        """The stages that the change can have reached."""
        return [each.name for each in all_stages(self.root) if STAGES.index(each.name) >= state.number]

    def _record(self, state: State) -> Iterator[str]:
        yield from recordings.record(self._reached(state), self.root)

    def _measure(self, state: State) -> Iterator[str]:
        setup.make(groups=[setup.BASE, "compare"])
        yield from measure.measure(self._reached(state))

    def _figures(self, state: State) -> Iterator[str]:
        yield from (f"wrote {document}" for document in figures.write(self.root))
        yield curve.write(self.root)

    def _transcripts(self, state: State) -> Iterator[str]:
        problems = []
        for line in transcripts.play_all(transcripts.transcripts(self.root), write=True):
            if isinstance(line, Problem):
                problems.append(line)
            else:
                yield line
        _none_of(iter(problems))

    def _check(self, state: State) -> Iterator[str]:
        if not check_steps():
            raise CommandFailed("the checks above are red.")
        yield "all green"


def _none_of(problems: Iterator[Problem]) -> None:
    """Raises CommandFailed if there are problems."""
    if found := list(problems):
        raise CommandFailed("\n".join(map(str, found)))
