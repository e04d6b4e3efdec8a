"""Tables of the scorecard in Markdown, and the cheapest rungs in words."""

from collections.abc import Mapping, Sequence

from workshop.walk.requests.catalogue import RUNGS

NEAR = 1.1  # a rung within a tenth of the best has not lost


def best(values: Mapping[str, int | None]) -> str:
    """The rungs that cost least, in words: `before`, `registry to core`, `no difference`."""
    here = {rung: value for rung, value in values.items() if value is not None}
    if len(here) < 2:
        return "–"
    least = min(here.values())
    won = [rung for rung, value in here.items() if value <= least * NEAR]
    if len(won) == len(here):
        return "no difference"
    order, groups = list(RUNGS), [[won[0]]]
    for rung in won[1:]:
        if order.index(groups[-1][-1]) + 1 == order.index(rung):
            groups[-1].append(rung)
        else:
            groups.append([rung])
    return ", ".join(group[0] if len(group) == 1 else f"{group[0]} to {group[-1]}" for group in groups)


def shown(value: int | None) -> str:
    """A number as a cell: 1,512; a dash if there is none."""
    return "–" if value is None else f"{value:,}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under a head. The first and the last column are words, those between are numbers."""
    middle = " ---: |" * (len(head) - 2)
    lines = [f"| {' | '.join(head)} |", f"| --- |{middle} --- |", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"
