"""The migration in one picture: steps/curve.svg, drawn from steps/figures.json, the same bytes for the same figures."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from workshop import ROOT
from workshop.base.doctor import text_of
from workshop.base.names import RUNGS, STAGES
from workshop.base.problems import CommandFailed, Problem
from workshop.maintaining import measure
from workshop.maintaining.documents.figures import number
from workshop.maintaining.measure import Figures

FILE = Path("steps") / "curve.svg"
WIDTH, HEIGHT, LEFT, TOP = 420, 190, 52, 44
GAP = 30
STAGES_DRAWN = STAGES[:-1]
COLOURS = ("#3b6ea5", "#c0722c")
GREY, LINE = "#6b7280", "#d5d9e0"


# The title of each panel, and its curves, which have one scale from zero: the name of each, and its figure.
PANELS = {
    "Lines of code": {"webhooks/": "lines.webhooks", "own tests": "lines.tests"},
    "Where the rules are": {
        "branches on a format's name": "branches",
        "functions to the rounding of an amount": "hops.amount-rounding",
    },
    "Tests of its own": {"all": "tests", "with a database": "tests.database"},
    "Lines that send SQL, and contracts": {"SQL": "sql.lines", "contracts": "contracts"},
}


def draw(kept: Mapping[str, Figures]) -> str:
    """The picture. Every stage must have been measured."""
    width, height = 2 * (WIDTH + LEFT) + 3 * GAP, 2 * (HEIGHT + TOP) + 3 * GAP + 32
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="The stages of the migration, measured">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for at, (title, curves) in enumerate(PANELS.items()):
        left = GAP + LEFT + (at % 2) * (WIDTH + LEFT + GAP)
        top = GAP + TOP + (at // 2) * (HEIGHT + TOP + GAP + 10)
        parts += [f'<g transform="translate({left} {top})">', *_panel(title, curves, kept), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def write(root: Path = ROOT) -> str:
    """Draws the picture into its file and reports it. Raises CommandFailed if a stage is not measured."""
    kept = measure.kept(root)
    if missing := [name for name in STAGES_DRAWN if name not in kept]:
        raise CommandFailed(f"{missing[0]} is not measured yet: ./ws dev measure {missing[0]}")
    (root / FILE).write_text(draw(kept), encoding="utf-8")
    return f"drew {FILE}"


def curve_is_drawn(root: Path = ROOT) -> Iterator[Problem]:
    """A problem if the picture does not show the figures in steps/figures.json."""
    kept = measure.kept(root)
    if kept and (missing := [name for name in STAGES_DRAWN if name not in kept]):
        yield Problem(measure.FILE, 1, f"has no {missing[0]}")
    elif kept and text_of(root / FILE) != draw(kept):
        yield Problem(FILE, 1, "does not show the present steps/figures.json; ./ws dev figures draws it again")


def _panel(title: str, curves: Mapping[str, str], kept: Mapping[str, Figures]) -> Iterator[str]:
    values = {name: [float(kept[stage][key]) for stage in STAGES_DRAWN] for name, key in curves.items()}
    most = _nice(max(max(row) for row in values.values()))
    across = [WIDTH * at / (len(STAGES_DRAWN) - 1) for at in range(len(STAGES_DRAWN))]
    yield f'<text x="{-LEFT + 4}" y="-28" font-weight="600">{escape(title)}</text>'
    for share in (0, 0.5, 1):
        level = _round(HEIGHT * (1 - share))
        yield f'<line x1="0" y1="{level}" x2="{WIDTH}" y2="{level}" stroke="{LINE}"/>'
        yield f'<text x="-8" y="{level}" dy="4" text-anchor="end" fill="{GREY}">{number(int(most * share))}</text>'
    for at, x in enumerate(across):
        if rung := RUNGS.get(at):
            yield f'<line x1="{_round(x)}" y1="0" x2="{_round(x)}" y2="{HEIGHT}" stroke="{GREY}" stroke-dasharray="2 4"/>'
            yield f'<text x="{_round(x)}" y="-6" text-anchor="middle" font-size="10" fill="{GREY}">{rung}</text>'
        label = "before" if not at else str(at)
        yield f'<text x="{_round(x)}" y="{HEIGHT + 18}" text-anchor="middle" fill="{GREY}">{label}</text>'
    for colour, (curve, row) in zip(COLOURS, values.items(), strict=True):
        heights = [HEIGHT * (1 - value / most) for value in row]
        points = " ".join(f"{_round(x)},{_round(y)}" for x, y in zip(across, heights, strict=True))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
        for name, x, y, value in zip(STAGES_DRAWN, across, heights, row, strict=True):
            told = f"{curve}, {name}: {number(int(value))}"
            yield f'<circle cx="{_round(x)}" cy="{_round(y)}" r="3" fill="{colour}"><title>{escape(told)}</title></circle>'
    for at, (colour, curve) in enumerate(zip(COLOURS, curves, strict=True)):
        key = at * WIDTH * 0.45
        yield f'<rect x="{_round(key)}" y="{HEIGHT + 28}" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="{_round(key + 15)}" y="{HEIGHT + 37}">{escape(curve)}</text>'


def _nice(most: float) -> int:
    """A round number at or above the highest value, so that the scale reads well."""
    half = max(int("1" + "0" * (len(str(int(most))) - 1)) // 2, 1)
    return max((int(most) // half + 1) * half, 2)


def _round(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"the curve shows the figures": curve_is_drawn}
