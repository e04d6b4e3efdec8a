"""The stops of docs/tour.md, at any stage: a stop is where the functions are whose lines it shows."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.names import STAGES
from workshop.base.stages import stage
from workshop.maintaining.twins.calls import Row, Sources, every

TOUR = Path("docs") / "tour.md"
HEADING = re.compile(r"^## (\d+)\. (.+)$", re.MULTILINE)
EXCERPT = re.compile(r"<!-- code: (\w+) ([^\s:]+):(\S+) -->")  # as the documents' excerpts name their lines
ENDS = (STAGES[0], STAGES[-1])


@dataclass(frozen=True)
class Stop:
    """A stop of the tour, and the names of its functions at each end; a class stands for its methods."""

    number: int
    title: str
    names: Mapping[str, Set[str]]

    def is_at(self, row: Row, name: str) -> bool:
        """Whether a row shows the stop, at the stage of that name. Between the ends, either end's names will do."""
        if row.is_statement:
            return False
        wanted = self.names[name] if name in self.names else set().union(*self.names.values())
        found = row.name in wanted or row.name.rpartition(".")[0] in wanted
        return found or (name not in self.names and row.name.lstrip("_") in map(_as_function, wanted))


def _as_function(name: str) -> str:
    """What a method is called while it is a function still: fan_out for FanOut.__call__, claim for DeliverDue._claim."""
    owner, _, method = name.rpartition(".")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", owner).lower() if method == "__call__" else method.lstrip("_")


def stops(root: Path = ROOT) -> list[Stop]:
    """All stops, in order."""
    sources = {name: Sources(stage(name, root).folder) for name in ENDS}
    _, *parts = HEADING.split((root / TOUR).read_text(encoding="utf-8"))
    found = []
    for number, title, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        names: dict[str, set[str]] = {name: set() for name in ENDS}
        for name, file, lines in EXCERPT.findall(text):
            if name in names:
                names[name] |= _shown(sources[name], file, lines)
        found.append(Stop(int(number), title, names))
    return found


def _shown(sources: Sources, file: str, lines: str) -> set[str]:
    """The functions that have some of these lines, such as 88-91,97-103; if there are none, the classes."""
    pieces = [tuple(map(int, part.split("-"))) for part in lines.split(",")]
    places = sources.places(file)
    inside = {name for name, place in places.items() if any(place.meets(*piece) for piece in pieces)}
    return {name for name in inside if places[name].is_function} or inside


def attach(rows: Sequence[Row], name: str, found: Sequence[Stop]) -> None:
    """Notes each stop at the first row that shows it. The last step is after/."""
    name = ENDS[-1] if name == STAGES[-2] else name
    for stop in found:
        row = next((row for row in every(rows) if stop.is_at(row, name)), None)
        if row:
            row.stops.append(stop.number)
