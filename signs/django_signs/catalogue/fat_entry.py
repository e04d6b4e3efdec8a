"""Fat entry: a view, serializer, form or task that decides, writes and sends. Elsewhere: a mixed function."""

from collections.abc import Iterator

from ..effects import Effect, Effects
from ..findings import Finding, joined, spot
from ..kinds import is_importer
from ..project import Place, Project
from ..words import plural
from .entries import is_entry

SIGN = "fat-entry"
MIXED = "mixed-function"
HARD_ENTRY = 15
HARD_ELSEWHERE = 12
LEAST_WRITES = 2
MANY_WRITES = 4
HARD_BULK = 40


def find(project: Project, effects: Effects) -> Iterator[Finding]:
    """Complex, writes at least twice, and touches two tables, writes four times, or reaches outside within one call."""
    for place in project.places("code"):
        if place.function.complexity < HARD_ELSEWHERE or not place.function.qualified:
            continue
        again = place.function.second_tries
        writes = [one for one in effects.direct(place) if one.is_write and one.line not in again]
        if len(writes) < LEAST_WRITES:
            continue
        if sum(not write.in_bulk for write in writes) < LEAST_WRITES and place.function.complexity < HARD_BULK:
            continue  # it stores values that other code decided
        outside = [effect for effect in effects.within(place, 1) if effect.kind in ("world", "queue")]
        if is_entry(project, place):
            tables = {write.what for write in writes if write.what}
            if place.function.complexity >= HARD_ENTRY and (len(tables) >= 2 or len(writes) >= MANY_WRITES or outside):
                yield _finding(SIGN, place, writes, outside)
        elif outside and not is_importer(place.file.path) and not _keeps_its_own_record(writes):
            yield _finding(MIXED, place, writes, outside)


def _keeps_its_own_record(writes: list[Effect]) -> bool:
    """Whether all writes save one row that the object holds: a job notes in `self.run` that it began, and how it ended."""
    rows = {one.row for one in writes}
    return len(rows) == 1 and rows.pop().startswith("self.") and all(one.kind == "save" for one in writes)


def _finding(sign: str, place: Place, writes: list[Effect], outside: list[Effect]) -> Finding:
    function = place.function
    tables = sorted({write.what.rpartition(".")[2] for write in writes if write.what})
    sends = sorted({effect.story() for effect in outside})
    does = f"decides, writes {len(writes)} times"
    if outside:
        does += " and sends"
    facts = [f"cognitive complexity {function.complexity}, {plural(function.end - function.line + 1, 'line')}"]
    if tables:
        facts.append(f"writes {joined(tables, 4)}")
    if sends:
        facts.append(f"reaches outside: {joined(sends, 3)}")
    places = [spot(place.file, function, write.line, write.what.rpartition(".")[2] or write.row) for write in writes]
    places += [spot(place.file, function, effect.line, effect.story()) for effect in outside[:3]]
    return Finding(
        sign,
        place.name,
        f"{function.qualified}() {does}",
        spot(place.file, function),
        places,
        facts,
        weight=function.complexity + 4 * len(writes) + 6 * bool(outside) + 3 * len(tables),
    )
