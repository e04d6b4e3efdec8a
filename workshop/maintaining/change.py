"""One command for a change of a step: it carries the change forward, writes it, measures it and checks it.

    ./ws step 2            then edit in walk/
    ./ws dev change 2      does all parts; if it stops, it says why
    ./ws dev change --continue

The next part is noted in var/change, so that no finished part runs a second time after a stop.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base import setup
from workshop.base.names import STAGES
from workshop.base.problems import CommandFailed, Problem
from workshop.base.stages import all_stages
from workshop.maintaining import measure
from workshop.maintaining.checking import check_steps
from workshop.maintaining.documents import curve, excerpts, figures, tours, transcripts
from workshop.maintaining.road.export import export
from workshop.maintaining.road.rebase import Rebase
from workshop.maintaining.twins import recordings
from workshop.walk.walk import Walk

AGAIN = "Fix the problem, then run ./ws dev change --continue. Or give up: ./ws dev change --abort."
BEGIN_AGAIN = (
    "If the fix is in walk/, give up, edit there, and begin again: no part after the rebase carries it forward."
)


class Change:
    """One unfinished change. `start`, `go_on` and `abort` yield lines for the maintainer.

    The file holds the number of the step, and the name of the part that comes next.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.file = root / "var" / "change"
        self.walk = Walk(root)
        self.carrying = Rebase(self.walk)
        self.parts: dict[str, Callable[[int], Iterator[str]]] = {
            "rebase": self._rebase,
            "export": self._export,
            "excerpts": self._excerpts,
            "record": lambda number: recordings.record(self._reached(number), root),
            "measure": self._measure,
            "figures": self._figures,
            "transcripts": self._transcripts,
            "check": self._check,
        }

    def start(self, number: int) -> Iterator[str]:
        """Does all parts for the changes in walk/ at a step. Raises CommandFailed if a part fails."""
        if self.file.exists():
            raise CommandFailed(f"A change of step {self._state()[0]} is unfinished. {AGAIN}")
        yield from self._go(number, "rebase")

    def go_on(self) -> Iterator[str]:
        """Does the remaining parts, from the one that failed."""
        yield from self._go(*self._state())

    def abort(self) -> Iterator[str]:
        """Forgets the finished parts. Files that were written stay; git shows them and can restore them."""
        _, part = self._state()
        if self.carrying.is_on_its_way:
            yield from self.carrying.abort()
        self.file.unlink()
        done = list(self.parts)[: list(self.parts).index(part)]
        yield f"Given up: {', '.join(done) or 'nothing'} was done. git status shows the written files."

    def _state(self) -> tuple[int, str]:
        try:
            number, part = self.file.read_text().split()
            return int(number), part
        except FileNotFoundError:
            raise CommandFailed("There is no unfinished change. ./ws dev change 2 takes a change of step 2.") from None

    def _go(self, number: int, first: str) -> Iterator[str]:
        names = list(self.parts)
        for name in names[names.index(first) :]:
            yield f"== {name}"
            if name != "rebase":
                self._note(number, name)
            try:
                yield from self.parts[name](number)
            except CommandFailed as stop:
                if name != "rebase":
                    raise CommandFailed(f"Stopped at {name}: {stop}\n{AGAIN} {BEGIN_AGAIN}") from stop
                if self.carrying.is_on_its_way:
                    self._note(number, name)
                    raise CommandFailed(f"Stopped at {name}: {stop}\n{AGAIN}") from stop
                raise
        self.file.unlink()
        yield f"Done: {', '.join(names)}. git diff shows the change; make lint and make test prove the rest."

    def _note(self, number: int, part: str) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(f"{number} {part}\n")

    def _rebase(self, number: int) -> Iterator[str]:
        """Begins the rebase, or goes on with its own; `./ws dev rebase` may have ended that meanwhile."""
        if not self.file.exists():
            yield from self.carrying.start(number)
        elif self.carrying.is_on_its_way:
            yield from self.carrying.go_on()
        elif self.walk.standing().rebased:
            yield "The rebase has ended already."
        else:
            raise CommandFailed("The rebase was given up, so there is no change to take on: ./ws dev change --abort.")

    def _export(self, number: int) -> Iterator[str]:
        yield from export(self.walk.git, self.root, before=number == 0, after=True).told()
        self.walk.adopt()

    def _excerpts(self, number: int) -> Iterator[str]:
        yield from excerpts.correct(self.root)
        _none_of(excerpts.excerpts_are_true(self.root))

    def _reached(self, number: int) -> list[str]:
        """The stages that the change can have reached."""
        return [each.name for each in all_stages(self.root) if STAGES.index(each.name) >= number]

    def _measure(self, number: int) -> Iterator[str]:
        setup.make(groups=[setup.BASE, "compare"])
        yield from measure.measure(self._reached(number))

    def _figures(self, number: int) -> Iterator[str]:
        yield from (f"wrote {document}" for document in figures.write(self.root))
        yield curve.write(self.root)
        if (self.root / tours.PAGE).exists():
            yield tours.write(self.root)

    def _transcripts(self, number: int) -> Iterator[str]:
        problems = []
        for line in transcripts.play_all(transcripts.transcripts(self.root), write=True):
            if isinstance(line, Problem):
                problems.append(line)
            else:
                yield line
        _none_of(problems)

    def _check(self, number: int) -> Iterator[str]:
        if not check_steps():
            raise CommandFailed("the checks above are red.")
        yield "all green"


def _none_of(problems: Iterable[Problem]) -> None:
    """Raises CommandFailed if there are problems."""
    if found := list(problems):
        raise CommandFailed("\n".join(map(str, found)))
