"""The scorecard's figures, kept in steps/requests/figures.json, and its tables in the documents.

`./ws scorecard` counts the figures of Cost again each time. `own red`, `suite` and `forgotten` come from test runs, and are
kept until those runs are made again. A table is between two comments:

    <!-- scorecard: request 13 -->     everything about one request, a column for each rung
    <!-- scorecard: lines -->          one figure, a row for each request
    <!-- scorecard: medians -->        the median over all requests, a row for each figure
    <!-- scorecard: kinds -->          and `price`, `break-even`: see break_even.py
    <!-- end -->
"""

import json
import re
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed, Problem
from workshop.base.road import road
from workshop.maintaining.documents.excerpts import documents
from workshop.maintaining.measure import kept as stage_figures
from workshop.maintaining.scorecard import break_even
from workshop.maintaining.scorecard.cells import Cell, DoesNotApply, cells, costs
from workshop.maintaining.scorecard.noticed import noticed_first
from workshop.maintaining.scorecard.tables import best, shown, table
from workshop.walk.requests.catalogue import FOLDER, RUNGS, Request, request, requests

FILE = FOLDER / "figures.json"
TABLE = re.compile(r"(?<!`)<!-- scorecard: (?P<asked>[^\n]*?) -->\n(?P<shown>.*?)<!-- end -->", re.DOTALL)
OPEN = "Open: "  # begins the sentence of a review that names a mistake in the answer
TABLES = ("requests", "medians", "totals", "kinds lines", "price", "break-even", "noise", "forgotten")
COUNTED = ("lines", "test_lines")
Figures = dict[str, int]
Kept = dict[str, dict[str, Figures]]


@dataclass(frozen=True)
class Measure:
    """One figure of a cell: its name in a table, and its value; None if it is not measured."""

    title: str
    of: Callable[[Request, str, Figures], int | None]


def _count(key: str) -> Callable[[Request, str, Figures], int | None]:
    return lambda request, rung, figures: figures.get(key)


def _all_lines(request: Request, rung: str, figures: Figures) -> int | None:
    return figures["lines"] + figures["test_lines"] if "lines" in figures else None


def _noted(name: str) -> Callable[[Request, str, Figures], int | None]:
    def value(request: Request, rung: str, figures: Figures) -> int | None:
        notes = request.notes(rung)
        found = getattr(notes, name) if notes else None
        return len(found) if isinstance(found, tuple) else found

    return value


def _open(request: Request, rung: str, figures: Figures) -> int | None:
    notes = request.notes(rung)
    return int(OPEN in notes.review) if notes and notes.review else None


MEASURES = {
    "red": Measure("Own tests red when only production code has changed", _count("own.red")),
    "doubles": Measure("Definitions changed in test doubles", _count("doubles")),
    "places": Measure("Definitions changed or new", _count("places")),
    "layers": Measure("Layers touched", _count("layers")),
    "lines": Measure("Lines of production code changed", _count("lines")),
    "test_lines": Measure("Lines of own tests changed", _count("test_lines")),
    "all_lines": Measure("Lines changed, production and tests", _all_lines),
    "files": Measure("Standing files changed", _count("files")),
    "hunks": Measure("Hunks in them", _count("hunks")),
    "new_files": Measure("New files", _count("new_files")),
    "open": Measure("Answers in which a second reader found an open mistake", _open),
    "lines_read": Measure("Lines read", _noted("lines_read")),
    "minutes": Measure("Minutes", _noted("minutes")),
}
"""The measures, the most telling first. Less is better for each of them."""


def kept(root: Path = ROOT) -> Kept:
    """The content of the file: figures by request and rung; empty without it."""
    file = root / FILE
    found: Kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def keep(figures: Kept, root: Path = ROOT) -> None:
    """Writes the file, the same bytes for the same figures."""
    ordered = {
        name: {rung: dict(sorted(figures[name][rung].items())) for rung in RUNGS if rung in figures[name]}
        for name in sorted(figures)
    }
    (root / FILE).write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


def count_again(root: Path = ROOT) -> Kept:
    """The kept figures, with those of Cost counted now. Raises DoesNotApply."""
    known = kept(root)
    found: Kept = {}
    for cell, cost in costs(road(root), cells(requests(root))).items():
        ran = {key: value for key, value in known.get(cell.request.name, {}).get(cell.rung, {}).items() if "." in key}
        found.setdefault(cell.request.name, {})[cell.rung] = ran | cost.as_figures()
    return found


def note(cell: Cell, figures: Mapping[str, int], root: Path = ROOT) -> None:
    """Keeps figures of a test run. Their names contain a dot."""
    known = kept(root)
    known.setdefault(cell.request.name, {}).setdefault(cell.rung, {}).update(figures)
    keep(known, root)


def at_rungs(
    measure: Measure, each: Request, figures: Kept, rungs: Sequence[str] = tuple(RUNGS)
) -> dict[str, int | None]:
    """One measure of a request at each rung; None where it has no value."""
    return {rung: measure.of(each, rung, figures.get(each.name, {}).get(rung, {})) for rung in rungs}


def of_request(each: Request, figures: Kept) -> str:
    """All measures of a request, a column for each rung. A row without a value is left out."""
    cols = each.rungs
    rows = []
    for measure in MEASURES.values():
        values = at_rungs(measure, each, figures, cols)
        if any(value is not None for value in values.values()):
            rows.append((measure.title, [shown(values[rung]) for rung in cols], best(values)))
    return table(["", *cols, "least at"], [[title, *cells, least] for title, cells, least in rows])


def of_measure(name: str, figures: Kept, chosen: Sequence[Request]) -> str:
    """One measure of all requests, and the rungs at which it is least."""
    measure = MEASURES[name]
    rows = []
    for each in chosen:
        values = at_rungs(measure, each, figures)
        if any(value is not None for value in values.values()):
            title = f"{each.number} {each.title}"
            rows.append([title, *(shown(values[rung]) for rung in RUNGS), best(values)])
    return table([measure.title, *RUNGS, "least at"], rows)


def medians(figures: Kept, chosen: Sequence[Request]) -> str:
    """The median of each measure at each rung, over the requests that have a value at every rung, with the range."""
    rows = []
    for measure in MEASURES.values():
        columns: dict[str, list[int]] = {rung: [] for rung in RUNGS}
        for each in chosen:
            values = at_rungs(measure, each, figures)
            if all(value is not None for value in values.values()):
                for rung, value in values.items():
                    columns[rung].append(value or 0)
        if number := len(columns["before"]):
            shown = [f"{statistics.median(found):g} ({min(found)}–{max(found)})" for found in columns.values()]
            rows.append([measure.title, *shown, str(number)])
    return table(["median (range)", *RUNGS, "requests"], rows)


def tables_are_true(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each kept figure that is not counted so, for each table that is not the kept figures."""
    try:
        counted_now = count_again(root)
    except DoesNotApply as problem:
        yield Problem(FOLDER, 1, f"{problem} ./ws dev carry brings it to the changed stage")
        return
    if counted_now != kept(root):
        yield Problem(FILE, 1, "is not what is counted now; ./ws scorecard writes it")
    for document in documents(root):
        text = (root / document).read_text(encoding="utf-8")
        for match in TABLE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            try:
                if match["shown"] != wanted(match["asked"], root):
                    yield Problem(document, line, "is not the scorecard's table; ./ws scorecard writes it")
            except CommandFailed as unknown:
                yield Problem(document, line, str(unknown))


def write(root: Path = ROOT) -> Iterator[str]:
    """Writes every table again; yields the documents that have changed. Raises CommandFailed."""
    for document in documents(root):
        text = (root / document).read_text(encoding="utf-8")
        if (written := filled(text, root)) != text:
            (root / document).write_text(written, encoding="utf-8")
            yield document.as_posix()


def filled(text: str, root: Path = ROOT) -> str:
    """A text with every table of the scorecard as it is now. Raises CommandFailed."""
    return TABLE.sub(
        lambda match: f"<!-- scorecard: {match['asked']} -->\n{wanted(match['asked'], root)}<!-- end -->", text
    )


def wanted(asked: str, root: Path = ROOT) -> str:
    """The table that a marker asks for. Raises CommandFailed."""
    figures, chosen = kept(root), requests(root)
    match asked.split():
        case ["request", written]:
            return of_request(request(written, root), figures)
        case ["medians"]:
            return medians(figures, chosen)
        case ["requests"]:
            return index(figures, chosen)
        case ["kinds", key] if key in COUNTED:
            return break_even.kinds(MEASURES[key].title, counted_lines(key, figures, chosen), chosen)
        case ["price"]:
            return break_even.price(road(root), stage_figures(root))
        case ["break-even"]:
            return break_even.break_even(road(root), counted_lines("lines", figures, chosen), chosen)
        case ["noise"]:
            counts = {MEASURES[key].title: counted_lines(key, figures, chosen) for key in COUNTED}
            return break_even.noise(counts, chosen)
        case ["forgotten"]:
            return noticed_first(figures, chosen)
        case ["totals"]:
            return totals(figures, chosen)
        case [name] if name in MEASURES:
            return of_measure(name, figures, chosen)
    raise CommandFailed(f"there is no table {asked!r}; there are request N, {', '.join((*TABLES, *MEASURES))}")


def counted_lines(key: str, figures: Kept, chosen: Sequence[Request]) -> break_even.Lines:
    """One figure of all requests, by request and rung."""
    return {each.name: {rung: of[key] for rung, of in figures.get(each.name, {}).items()} for each in chosen}


def totals(figures: Kept, chosen: Sequence[Request]) -> str:
    """The sum of each measure over the requests that have a value at every rung."""
    rows = []
    for measure in MEASURES.values():
        listed = [list(at_rungs(measure, each, figures).values()) for each in chosen]
        whole = [[value or 0 for value in row] for row in listed if None not in row]
        if whole:
            sums = dict(zip(RUNGS, map(sum, zip(*whole, strict=True)), strict=True))
            rows.append([measure.title, str(len(whole)), *(shown(value) for value in sums.values()), best(sums)])
    return table(["sum over the requests", "requests", *RUNGS, "least at"], rows)


def index(figures: Kept, chosen: Sequence[Request]) -> str:
    """Every request with a link to its page, its patches, and the rungs at which it took the fewest lines."""
    rows = []
    for each in chosen:
        lines = at_rungs(MEASURES["all_lines"], each, figures)
        title = f"[{each.number} {each.title}]({each.name}/README.md)"
        rows.append([title, *(shown(lines[rung]) for rung in RUNGS), best(lines)])
    head = f"{counted(len(chosen), 'request')}: lines changed, production and tests"
    return table([head, *RUNGS, "least at"], rows)


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"the scorecard is what its patches cost": tables_are_true}
