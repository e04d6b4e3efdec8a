"""The tables of docs/when.md: what each kind of request costs at each rung, what a rung costs, and when it has paid.

All in lines of code, because a move and a request can both be counted in them. Lines are not hours, and a rung can be worth
more than the lines that it saves: the page says so.
"""

import math
import statistics
from collections.abc import Mapping, Sequence

from workshop.base.names import STAGES, number_of
from workshop.maintaining import measure
from workshop.maintaining.scorecard.tables import best, shown, table
from workshop.walk.requests.catalogue import KINDS, RUNGS, Request

Lines = Mapping[str, Mapping[str, int]]
"""Lines changed, production and tests, by the name of the request and by rung."""


def whole(lines: Lines, chosen: Sequence[Request], kind: str) -> list[Request]:
    """The requests of a kind that were answered at every rung."""
    return [each for each in chosen if each.kind == kind and set(lines.get(each.name, {})) == set(RUNGS)]


def kinds(lines: Lines, chosen: Sequence[Request]) -> str:
    """The median of each kind at each rung, and the rungs that are cheapest, in words."""
    rows = []
    for kind in KINDS:
        if here := whole(lines, chosen, kind):
            values = {rung: round(statistics.median(lines[each.name][rung] for each in here)) for rung in RUNGS}
            numbers = ", ".join(str(each.number) for each in here)
            rows.append([kind, numbers, *(shown(values[rung]) for rung in RUNGS), best(values)])
    return table(["lines changed, production and tests", "requests", *RUNGS, "cheapest at"], rows)


def price(figures: Mapping[str, measure.Figures]) -> str:
    """What it takes to get to each rung from before, and what there is to read and to run there."""
    rows = []
    for rung, stage in RUNGS.items():
        moved = lines_to(rung, figures)
        of = figures.get(stage, {})
        cells = [
            int(of.get(key, 0)) for key in ("lines.webhooks", "files.webhooks", "functions", "tests", "tests.database")
        ]
        rows.append([rung, shown(moved), *(shown(cell) for cell in cells), shown(int(of.get("contracts", 0)))])
    head = ["rung", "lines moved or changed to get there", "lines of webhooks/", "its files", "functions to know"]
    return table([*head, "own tests", "of these with a database", "import contracts"], rows)


def lines_to(rung: str, figures: Mapping[str, measure.Figures]) -> int:
    """The production lines that the steps up to a rung add or remove."""
    return sum(int(figures.get(name, {}).get("step.lines", 0)) for name in STAGES[1 : number_of(RUNGS[rung]) + 1])


def break_even(lines: Lines, chosen: Sequence[Request], figures: Mapping[str, measure.Figures]) -> str:
    """After how many requests of a kind a rung has saved the lines that the move to it took: median, and the band.

    A band from 12 to never means that one request of the kind saved lines and another did not.
    """
    rows = []
    for kind in KINDS:
        if here := whole(lines, chosen, kind):
            cells = []
            for rung in list(RUNGS)[1:]:
                saved = [lines[each.name]["before"] - lines[each.name][rung] for each in here]
                needed = sorted(_requests(lines_to(rung, figures), value) for value in (min(saved), max(saved)))
                cells.append(_band(_requests(lines_to(rung, figures), statistics.median(saved)), needed))
            rows.append([kind, *cells])
    return table(["requests until the move has paid", *list(RUNGS)[1:]], rows)


def _requests(moved: int, saved: float) -> float:
    return math.ceil(moved / saved) if saved > 0 else math.inf


def _band(middle: float, needed: Sequence[float]) -> str:
    low, high = (_said(value) for value in (needed[0], needed[-1]))
    return _said(middle) if low == high else f"{_said(middle)} ({low} to {high})"


def _said(requests: float) -> str:
    return "never" if requests == math.inf else shown(int(requests))
