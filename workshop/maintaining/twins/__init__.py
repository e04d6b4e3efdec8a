"""The Twins: one event's way through two stages, side by side, as a page that a browser opens from a folder.

`recordings` are made by `workshop.harness.inside.twins` and kept; `calls` reads them, `showing` folds them for the terminal
and for the page, `tour` finds the stops of docs/tour.md in them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workshop import ROOT
from workshop.base import names
from workshop.base.stages import Stage, all_stages
from workshop.harness.inside.twins import SCENARIOS
from workshop.maintaining import frame
from workshop.maintaining.twins import recordings, tour
from workshop.maintaining.twins.calls import LAYERS, Row, Sources
from workshop.maintaining.twins.showing import View, view

ASSETS = Path(__file__).with_name("assets")
FIGURES = {
    "calls": ("price", "calls"),
    "files": ("price", "files that these are in"),
    "sql": ("price", "SQL statements"),
    "pure": ("gain", "calls that decide without a database"),
    "pure.lines": ("gain", "lines of code in these"),
}


def pages(target: Path, root: Path = ROOT) -> None:
    """Writes `<target>/twins/`. Raises CommandFailed if a stage has no recording."""
    folder = target / "twins"
    frame.write(folder, ASSETS, title="The Twins: one event, two stages", skip="Skip to the calls", skip_to="twins")
    stops, stages = tour.stops(root), all_stages(root)
    codes: dict[str, int] = {}
    shown = {stage.name: _data(stage, stops, codes, root) for stage in stages}
    files = {name: next(first for first in shown if shown[first] == data) for name, data in shown.items()}
    rungs = {names.STAGES[number]: rung for number, rung in names.RUNGS.items()}
    index = {
        "stages": [[name, names.title(name), rungs.get(name, ""), file] for name, file in files.items()],
        "scenarios": [[name, scenario.title] for name, scenario in SCENARIOS.items()],
        "layers": LAYERS,
        "stops": [[stop.number, stop.title] for stop in stops],
        "figures": [[name, *what] for name, what in FIGURES.items()],
    }
    contents = {"index": index, "codes": [*codes]} | {name: shown[name] for name in files.values()}
    for name, value in contents.items():
        frame.data(folder, name, value)


def _data(stage: Stage, stops: list[tour.Stop], codes: dict[str, int], root: Path) -> dict[str, Any]:
    """What the page shows of a stage: its functions, each with the number of its code, and every scenario.

    Most functions are the same at many stages, so `codes` has the code of all stages once.
    """
    sources = Sources(stage.folder)
    functions: dict[tuple[str, str], int] = {}
    scenarios = {
        name: _scenario(view(played, sources, stage.name, stops), functions)
        for name, played in recordings.kept(stage.name, root).items()
    }
    places = [(name, file, sources.places(file)[name]) for file, name in functions]
    found = [[name, file, at.line, at.first, codes.setdefault(at.code, len(codes))] for name, file, at in places]
    return {"functions": found, "scenarios": scenarios}


def _scenario(shown: View, functions: dict[tuple[str, str], int]) -> Mapping[str, Any]:
    def number(file: str, name: str) -> int:
        return functions.setdefault((file, name), len(functions))

    def row(one: Row) -> list[Any]:
        """A statement is [text, function, file, line, times]; a call [function, layer, times, marks, stops, inner, plumbing]."""
        if one.is_statement:
            return [one.name, number(one.file, one.owner) if one.owner else -1, one.file, one.line, one.times]
        marks = (("p", one.is_pure), ("s", one.by_signal), ("t", one.in_thread), ("c", not one.is_open))
        plumbing = sorted({number(called.file, called.name) for called in one.plumbing})
        inner = [row(each) for each in one.inner]
        found = "".join(mark for mark, holds in marks if holds)
        return [number(one.file, one.name), one.layer, one.times, found, one.stops, inner, plumbing]

    return {
        "acts": [[title, [row(one) for one in rows]] for title, rows in shown.acts],
        "figures": shown.figures,
        "sent": shown.sent,
        "answers": shown.answers,
        "ended": shown.ended,
    }
