"""The rows of the comparison: the figures of steps/figures.json, and those that only one run on one machine can compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workshop.maintaining.compare.turns import Speed
from workshop.maintaining.documents.figures import KEYS, Row
from workshop.maintaining.measure import Figures

OWN_TESTS = (
    *(KEYS[key] for key in ("tests", "tests.database")),
    Row("Seconds for all of them", "own.seconds"),
    Row("Seconds for those without a database", "own.seconds.without"),
    Row("Rule mutants killed", "kills"),
    Row("Of these, without a database", "kills.without"),
)
RULES = [row for key, row in KEYS.items() if key.startswith(("branches", "hops"))]
READING = [row for key, row in KEYS.items() if key.startswith(("lines", "functions", "complexity"))]
START = (Row("Seconds to start", "start.seconds"), Row("Memory when started, MiB", "start.memory"))


@dataclass(frozen=True)
class Measured:
    """The measurements of one stage. `places` are the lines that send SQL, by package."""

    figures: Figures
    places: Mapping[str, int]
    speed: Mapping[str, Speed]


@dataclass(frozen=True)
class Section:
    """A topic of the comparison. Each row is a title, then a text for each stage."""

    title: str
    rows: Sequence[Sequence[str]]


def sections(measured: Sequence[Measured]) -> list[Section]:
    """The whole comparison, with a column for each stage. A figure that was not measured has no row."""
    packages = sorted({package for each in measured for package in each.places})
    places = [[package, *(str(each.places.get(package, "–")) for each in measured)] for package in packages]
    sums = ["All", *(str(sum(each.places.values())) for each in measured)]
    speeds = [[work, *(_text(each.speed[work]) for each in measured)] for work in measured[0].speed]
    found = [
        Section("Tests", _rows(OWN_TESTS, measured)),
        Section("Where the rules are", _rows(RULES, measured)),
        Section("Lines that send SQL, by package", [*places, sums]),
        Section("Code to read", _rows(READING, measured)),
        Section("At work", [*speeds, *_rows(START, measured)]),
    ]
    return [section for section in found if section.rows]


def _rows(rows: Sequence[Row], measured: Sequence[Measured]) -> list[list[str]]:
    texts = [[row.title, *(row.text(each.figures) for each in measured)] for row in rows]
    return [cells for cells in texts if set(cells[1:]) != {"–"}]


def _text(speed: Speed) -> str:
    """The ratio is left out at the first stage, with which the others are compared."""
    noun = "query" if speed.queries == 1 else "queries"
    ratio = "" if speed.ratio == 1 else f" (×{speed.ratio:.2f})"
    return f"{speed.queries:.3g} {noun}, {speed.milliseconds:.1f} ms{ratio}"
