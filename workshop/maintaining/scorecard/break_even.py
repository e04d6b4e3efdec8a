"""The tables of docs/when.md: what each kind of request costs at each rung, what a rung costs, and when it has paid.

One ruler for all of it: lines of code that were added or removed, as `cost` counts them. Lines are not hours, and a rung can
be worth more than the lines that it saves: the page says so.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from functools import cache

from workshop.base.road import Road
from workshop.maintaining.measure import Figures
from workshop.maintaining.scorecard.tables import NEAR, best, shown, table
from workshop.walk.requests.catalogue import KINDS, RUNGS, Request, tree_of
from workshop.walk.requests.cost import Cost, cost

Lines = Mapping[str, Mapping[str, int]]
"""One count, by the name of the request and by rung."""
ALL = "all of them"


def whole(lines: Lines, chosen: Sequence[Request]) -> dict[str, list[Request]]:
    """The requests of each kind that were answered at every rung, with all of them last."""
    here = [each for each in chosen if set(lines.get(each.name, {})) == set(RUNGS)]
    found = {kind: [each for each in here if each.kind == kind] for kind in KINDS} | {ALL: here}
    return {kind: listed for kind, listed in found.items() if listed}


def kinds(title: str, lines: Lines, chosen: Sequence[Request]) -> str:
    """The sum of each kind's requests at each rung, and the rungs that are cheapest, in words."""
    rows = []
    for kind, here in whole(lines, chosen).items():
        values = {rung: sum(lines[each.name][rung] for each in here) for rung in RUNGS}
        numbers = ", ".join(str(each.number) for each in here) if kind != ALL else str(len(here))
        rows.append([kind, numbers, *(shown(values[rung]) for rung in RUNGS), best(values)])
    return table([title, "requests", *RUNGS, "cheapest at"], rows)


@cache
def way(laid: Road, rung: str) -> Cost:
    """What changes on the way from before to a rung."""
    return cost(laid.git, tree_of("before"), tree_of(rung))


def price(laid: Road, figures: Mapping[str, Figures]) -> str:
    """What it takes to get to each rung from before, and what there is to read and to run there."""
    rows = []
    for rung, stage in RUNGS.items():
        moved = way(laid, rung)
        of = figures.get(stage, {})
        keys = ("lines.webhooks", "files.webhooks", "functions", "tests", "tests.database", "contracts")
        rows.append([rung, shown(moved.lines), shown(moved.test_lines), *(shown(int(of.get(key, 0))) for key in keys)])
    head = ["rung", "production lines changed to get there", "test lines", "lines of webhooks/", "its files"]
    return table([*head, "functions to know", "own tests", "of these with a database", "import contracts"], rows)


def break_even(laid: Road, lines: Lines, chosen: Sequence[Request]) -> str:
    """After how many requests of a kind a rung has saved the production lines that the move to it took.

    The number is for the mean of the kind's requests. In brackets, each request alone, if there are several.
    """
    moved = {rung: way(laid, rung).lines for rung in list(RUNGS)[1:]}
    rows = []
    for kind, here in whole(lines, chosen).items():
        cells = []
        for rung in moved:
            pairs = [(lines[each.name]["before"], lines[each.name][rung]) for each in here]
            mean = _requests(moved[rung], statistics.mean(a for a, _ in pairs), statistics.mean(b for _, b in pairs))
            alone = [_requests(moved[rung], *pair) for pair in pairs]
            cells.append(mean if len(alone) == 1 or kind == ALL else f"{mean} ({', '.join(alone)})")
        rows.append([kind, *cells])
    return table(["requests until the move has paid", *moved], rows)


def noise(counts: Mapping[str, Lines], chosen: Sequence[Request]) -> str:
    """By how much answers at registry and before differ, in the requests that have nothing to do with a registry."""
    rows = []
    for title, lines in counts.items():
        here = [each for each in whole(lines, chosen)[ALL] if each.kind != KINDS[0]]
        apart = [abs(lines[each.name]["registry"] / lines[each.name]["before"] - 1) for each in here]
        rows.append(
            [title, *(f"{round(100 * share)} %" for share in (statistics.median(apart), max(apart))), str(len(apart))]
        )
    return table(["registry against before", "median difference", "largest", "requests"], rows)


def _requests(moved: int, before: float, here: float) -> str:
    if max(before, here) <= NEAR * min(before, here):
        return "no difference"
    return shown(math.ceil(moved / (before - here))) if here < before else "never"
