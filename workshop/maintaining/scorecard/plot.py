"""The scorecard in one picture: steps/requests/scorecard.svg, the same bytes for the same figures.

A thin line is one request, the thick line the median. Each request is drawn relative to its value at `before`, so that large
and small requests can be compared. Only requests that were answered at every rung are drawn.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from workshop import ROOT
from workshop.base.problems import Problem
from workshop.maintaining.scorecard import report
from workshop.walk.requests.catalogue import FOLDER, RUNGS, Request, requests

FILE = FOLDER / "scorecard.svg"
PANELS = ("lines", "test_lines", "places", "files")
WIDTH, HEIGHT, LEFT, TOP, GAP = 300, 190, 44, 40, 24
MOST = 3  # times the value at before; a higher value is drawn at the edge
GREY, LINE, COLOUR, MEDIAN = "#6b7280", "#d5d9e0", "#9db8d2", "#c0722c"
Values = Mapping[str, Sequence[float]]


def values(name: str, figures: report.Kept, chosen: Sequence[Request]) -> Values:
    """One measure of each request at the rungs, as a multiple of its value at before."""
    measure, found = report.MEASURES[name], {}
    for each in chosen:
        numbers = [value for value in report.at_rungs(measure, each, figures).values() if value is not None]
        if len(numbers) == len(RUNGS) and numbers[0]:
            found[f"{each.number} {each.title}"] = [value / numbers[0] for value in numbers]
    return found


def draw(root: Path = ROOT) -> str:
    """The picture."""
    figures, chosen = report.kept(root), requests(root)
    width, height = 2 * (WIDTH + LEFT) + 3 * GAP, 2 * (HEIGHT + TOP + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="What a request costs at each rung,'
        ' relative to before">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for at, name in enumerate(PANELS):
        left = GAP + LEFT + (at % 2) * (WIDTH + LEFT + GAP)
        top = GAP + TOP + (at // 2) * (HEIGHT + TOP + GAP)
        shown = values(name, figures, chosen)
        parts += [
            f'<g transform="translate({left} {top})">',
            f'<text x="{-LEFT + 4}" y="-20" font-weight="600">{escape(report.MEASURES[name].title)}</text>',
            *_panel(shown),
            "</g>",
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def write(root: Path = ROOT) -> str:
    """Draws the picture into its file, and reports it."""
    (root / FILE).write_text(draw(root), encoding="utf-8")
    return f"drew {FILE}"


def picture_is_drawn(root: Path = ROOT) -> Iterator[Problem]:
    """A problem if the picture does not show the kept figures."""
    if requests(root) and (not (root / FILE).exists() or (root / FILE).read_text(encoding="utf-8") != draw(root)):
        yield Problem(FILE, 1, "does not show the kept figures; ./ws scorecard draws it again")


def _panel(shown: Values) -> Iterator[str]:
    across = [WIDTH * at / (len(RUNGS) - 1) for at in range(len(RUNGS))]
    for level in range(MOST + 1):
        y = _round(_height(level))
        yield f'<line x1="0" y1="{y}" x2="{WIDTH}" y2="{y}" stroke="{GREY if level == 1 else LINE}"/>'
        yield f'<text x="-8" y="{y}" dy="4" text-anchor="end" fill="{GREY}">{level} ×</text>'
    for name, x in zip(RUNGS, across, strict=True):
        yield f'<text x="{_round(x)}" y="{HEIGHT + 16}" text-anchor="middle" font-size="10" fill="{GREY}">{name}</text>'
    for title, row in shown.items():
        told = ", ".join(f"{rung} {value:.2f}" for rung, value in zip(RUNGS, row, strict=True))
        yield _line(across, row, COLOUR, 1, f"{title}: {told}")
    if shown:
        middle = [statistics.median(row[at] for row in shown.values()) for at in range(len(RUNGS))]
        told = ", ".join(f"{rung} {value:.2f}" for rung, value in zip(RUNGS, middle, strict=True))
        yield _line(across, middle, MEDIAN, 3, f"median of {len(shown)}: {told}")


def _line(across: Sequence[float], row: Sequence[float], colour: str, width: int, told: str) -> str:
    points = " ".join(f"{_round(x)},{_round(_height(value))}" for x, value in zip(across, row, strict=True))
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}">'
        f"<title>{escape(told)}</title></polyline>"
    )


def _height(value: float) -> float:
    return HEIGHT * (1 - min(value, MOST) / MOST)


def _round(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"the scorecard's picture shows the figures": picture_is_drawn}
