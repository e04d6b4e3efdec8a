"""The table of the forgotten places: what notices first when one place of a change is left out.

The places of all requests at a rung are added up. A share of a sample is shown with its 95 % interval (Wilson's score
interval, Wilson 1927), because a share of forty places says little about the next ten percent.
"""

import math
from collections.abc import Mapping, Sequence

from workshop.base.counting import counted
from workshop.maintaining.scorecard.forgotten import NOTICED
from workshop.maintaining.scorecard.tables import table
from workshop.walk.requests.catalogue import RUNGS, Request

Z = 1.96
FIRST = {"lint": "lint, types, walls or migrations", "own tests": "the stage's own tests"}


def noticed_first(figures: Mapping[str, Mapping[str, Mapping[str, int]]], chosen: Sequence[Request]) -> str:
    """Each of NOTICED with its places at each rung, over the requests that are measured at every rung."""
    rungs_of = [figures.get(each.name, {}) for each in chosen]
    measured = [of for of in rungs_of if all(_is_measured(of.get(rung, {})) for rung in RUNGS)]
    sums = [{name: sum(of[rung][f"forgotten.{name}"] for of in measured) for name in NOTICED} for rung in RUNGS]
    columns = [*sums, {name: sum(at[name] for at in sums) for name in NOTICED}]
    rows = [[FIRST.get(name, name), *(_share(at[name], sum(at.values())) for at in columns)] for name in NOTICED]
    places = ["places left out", *(str(sum(at.values())) for at in columns)]
    return table([f"noticed first by ({counted(len(measured), 'request')})", *RUNGS, "all rungs"], [places, *rows])


def interval(found: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share, from 0 to 1. `total` is at least 1."""
    share, spread = found / total, Z * Z / total
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def _is_measured(figures: Mapping[str, int]) -> bool:
    return all(f"forgotten.{name}" in figures for name in NOTICED)


def _share(found: int, total: int) -> str:
    if not total:
        return "–"
    low, high = interval(found, total)
    return f"{found} = {100 * found / total:.0f} % ({100 * low:.0f}–{100 * high:.0f})"
