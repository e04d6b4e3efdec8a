"""The stops of docs/tour.md, at any stage: a stop is where the functions are whose lines it shows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.names import STAGES
from workshop.base.stages import stage
from workshop.maintaining.documents.excerpts import Excerpt, read
from workshop.maintaining.twins.calls import Row, Sources, every

TOUR = Path("docs") / "tour.md"
HEADING = re.compile(r"## (\d+)\. (.+)")
ENDS = (STAGES[0], STAGES[-1])


@dataclass(frozen=True)
class Stop:
    """A stop of the tour, and the names of its functions at each end; a class stands for its methods."""

    number: int
    title: str
    names: dict[str, frozenset[str]]

    def is_at(self, row: Row, name: str) -> bool:
        """Whether a row shows the stop, at the stage of that name. Between the ends, either end's names will do."""
        wanted = self.names[name] if name in self.names else frozenset[str]().union(*self.names.values())
        return not row.is_statement and (row.name in wanted or row.name.rpartition(".")[0] in wanted)


def stops(root: Path = ROOT) -> list[Stop]:
    """All stops, in order."""
    text = (root / TOUR).read_text(encoding="utf-8")
    excerpts = [one for one in read(TOUR, text) if isinstance(one, Excerpt)]
    sources = {name: Sources(stage(name, root).folder) for name in ENDS}
    headings = [(at, found) for at, line in enumerate(text.splitlines(), 1) if (found := HEADING.fullmatch(line))]
    ends = [at for at, _ in headings[1:]] + [len(text)]
    return [
        Stop(
            int(heading[1]),
            heading[2],
            {
                name: frozenset(
                    shown
                    for one in excerpts
                    if begin < one.line < end and one.stage == name
                    for shown in _shown(one, sources[name])
                )
                for name in ENDS
            },
        )
        for (begin, heading), end in zip(headings, ends, strict=True)
    ]


def _shown(excerpt: Excerpt, sources: Sources) -> set[str]:
    """The functions whose lines an excerpt shows; where it shows none, the classes."""
    places = sources.places(excerpt.file)
    inside = {name for name, place in places.items() for part in excerpt.pieces if place.meets(part.first, part.last)}
    return {name for name in inside if name in sources.functions(excerpt.file)} or inside


def attach(rows: Sequence[Row], name: str, found: Sequence[Stop]) -> None:
    """Notes each stop at the first row that shows it."""
    for stop in found:
        row = next((row for row in every(rows) if stop.is_at(row, name)), None)
        if row:
            row.stops.append(stop.number)
