"""The figures with which the site adds up a reader's own backlog: the lines of each kind of request, and of each move."""

import json
from pathlib import Path
from typing import Any

from workshop import ROOT
from workshop.base.road import road
from workshop.maintaining.scorecard import break_even, report
from workshop.walk.requests.catalogue import RUNGS, requests

MARK = "<!-- backlog -->\n"


def filled(text: str, root: Path = ROOT) -> str:
    """A page with the figures as JSON in the place of the comment `<!-- backlog -->`."""
    if MARK not in text:
        return text
    found = json.dumps(figures(root), ensure_ascii=False)
    return text.replace(MARK, f'<script type="application/json" id="backlog-figures">{found}</script>\n')


def figures(root: Path = ROOT) -> dict[str, Any]:
    """Lines by count, kind and rung, a number for each request of the kind; and the lines of the move to each rung."""
    known, chosen = report.kept(root), requests(root)
    counts = {key: report.counted_lines(key, known, chosen) for key in report.COUNTED}
    kinds = break_even.whole(counts["lines"], chosen)
    del kinds[break_even.ALL]
    return {
        "rungs": [*RUNGS],
        "moved": {rung: break_even.way(road(root), rung).lines for rung in RUNGS},
        "kinds": {kind: [each.number for each in here] for kind, here in kinds.items()},
        **{
            key: {kind: {rung: [of[one.name][rung] for one in here] for rung in RUNGS} for kind, here in kinds.items()}
            for key, of in counts.items()
        },
    }
