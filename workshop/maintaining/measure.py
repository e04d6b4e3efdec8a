"""The figures of every stage, measured with this repository's own tools and kept in steps/figures.json.

Counts are the same each time, and CI counts them again. `read` counts in the source, `signs` counts the findings of
`./ws signs`, `watched` counts while the server handles a few events, `traced` counts in the stage's recording of one
event, `tested` counts the stage's own tests, `walked` counts the changes in the commits of the step.

Times are never the same: `timed` compares the stages in one run on one machine. It keeps ratios, and CI does not check
them.
"""

import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workshop import ROOT
from workshop.base import stages
from workshop.base.calls import output_of
from workshop.base.doctor import text_of
from workshop.base.files import write
from workshop.base.names import STAGES, number_of
from workshop.base.problems import CommandFailed
from workshop.base.road import Road, in_between, road
from workshop.base.stages import Stage
from workshop.harness import source
from workshop.harness.inside import ask
from workshop.harness.inside.statements import places
from workshop.harness.own_tests import OwnTests, own_tests
from workshop.maintaining.twins import recordings
from workshop.maintaining.walls import CONTRACTS
from workshop.walk.changes import changed_lines, changes

Value = int | float | str
Figures = dict[str, Value]

ROUNDS_OF_TIMING = 2
SECONDS_FOR_TESTS = 600  # a busy machine may take longer
FILE = Path("steps") / "figures.json"


def read(stage: Stage) -> Figures:
    """Size, complexity, branches on a format's name, files that name one, contracts."""
    sizes = source.sizes(stage.folder)
    complexity = source.complexity(stage.folder)
    branches = source.branches(stage.folder)
    found: Figures = {}
    for ring in ("webhooks", "clients", "tests"):
        found |= {f"lines.{ring}": sizes[ring].lines, f"files.{ring}": sizes[ring].files}
    return found | {
        "functions": complexity.functions,
        "complexity.median": float(complexity.median),
        "complexity.worst": complexity.worst,
        "complexity.where": complexity.worst_function.rpartition(" ")[2],
        "branches": len(branches),
        "branches.modules": len({branch.path for branch in branches}),
        "format.files": statistics.median_high(source.files_that_name(stage.folder, name) for name in source.FORMATS),
        "contracts": text_of(stage.folder / CONTRACTS).count("[importlinter:contract:"),
    }


def signs(stage: Stage) -> Figures:
    """How many findings `./ws signs` makes, those that it only lists included. Raises CommandFailed."""
    command = [sys.executable, "-E", str(ROOT / "signs"), str(stage.folder), "--json"]
    return {"signs": len(json.loads(output_of(command, f"./ws signs fails at {stage.name}"))["findings"])}


def watched(stage: Stage) -> Figures:
    """The path to each of three rules, and the number of lines that send SQL."""
    found: Figures = ask(stage, "hops")
    sent = places(ask(stage, "statements"))
    return found | {"sql.lines": sum(sent.values()), "sql.packages": len(sent)}


def tested(stage: Stage) -> Figures:
    """The number of the stage's own tests, and of those that use a database. Raises CommandFailed."""
    tests = _green_tests(stage)
    return {"tests": tests.total, "tests.database": tests.touching}


def walked(laid: Road, name: str) -> Figures:
    """The step that leads to a stage: its commits, the files and the production lines that they change."""
    if not number_of(name) or name == "after":
        return {}
    commits = in_between(laid.git, name)
    old = STAGES[number_of(name) - 1]
    files = [change for change in changes(laid.git, f"refs/tags/{old}", f"refs/tags/{name}") if not change.is_test]
    lines = sum(changed_lines(laid.git, f"{commit}^", commit) for commit in commits)
    return {"step.commits": len(commits), "step.files": len(files), "step.lines": lines}


def timed(chosen: Sequence[Stage], first: Stage) -> dict[str, Figures]:
    """The time of each stage's own tests, with that of `first` as 1. Stages take turns, and the best round counts.

    `seconds.tests` is for all tests, `seconds.without` for the tests without a database.
    """
    listed = [first, *(stage for stage in chosen if stage != first)]
    rounds = [[_green_tests(stage) for stage in listed] for _ in range(ROUNDS_OF_TIMING)]
    whole = [min(tests.seconds for tests in runs) for runs in zip(*rounds, strict=True)]
    without = [min(tests.seconds_without for tests in runs) for runs in zip(*rounds, strict=True)]
    return {
        stage.name: {"seconds.tests": round(all_tests / whole[0], 2), "seconds.without": round(some / whole[0], 2)}
        for stage, all_tests, some in zip(listed, whole, without, strict=True)
    }


def _green_tests(stage: Stage) -> OwnTests:
    tests = own_tests(stage, SECONDS_FOR_TESTS)
    if tests.failed:
        raise CommandFailed(f"{tests.failed} of {stage.name}'s own tests fail: ./ws test {stage.name} shows them.")
    return tests


def measure(names: Sequence[str], only: str | None = None) -> Iterator[str]:
    """Measures the named stages, or all, into steps/figures.json; yields lines on its progress."""
    figures, laid = kept(ROOT), road(ROOT)
    if only == TIMED:
        chosen = [stages.stage(name) for name in names] or stages.rungs()
        for name, found in timed(chosen, stages.stage("before")).items():
            yield f"{name}: {found}"
            figures.setdefault(name, {}).update(found)
        keep(figures, ROOT)
        return

    def measured(each: Stage) -> Figures:
        found = dict(figures.get(each.name, {})) | walked(laid, each.name)
        for group, figures_of in GROUPS.items():
            if only in (None, group):
                found |= figures_of(each)
        return found

    chosen = [stages.stage(name) for name in names] or stages.all_stages()
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # most of the time is spent waiting for processes
        for each, found in zip(chosen, threads.map(measured, chosen), strict=True):
            figures[each.name] = found
            keep(figures, ROOT)
            yield f"measured {each.name}"


TIMED = "timed"
GROUPS: dict[str, Callable[[Stage], Figures]] = {
    "read": read,
    "signs": signs,
    "watched": watched,
    "traced": lambda stage: dict(recordings.counts(stage)),
    "tested": tested,
}


def kept(root: Path = ROOT) -> dict[str, Figures]:
    """The contents of steps/figures.json, by stage; empty without that file."""
    file = root / FILE
    found: dict[str, Figures] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def keep(figures: Mapping[str, Figures], root: Path = ROOT) -> None:
    """Writes the file, the same bytes for the same figures."""
    ordered = {name: dict(sorted(figures[name].items())) for name in STAGES if name in figures}
    write(root / FILE, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")


def differences(name: str, found: Figures, root: Path = ROOT) -> list[str]:
    """A line for each figure that differs from steps/figures.json."""
    known = kept(root).get(name, {})
    return [
        f"{name}: {key} is {value}, steps/figures.json says {known.get(key, 'nothing')}"
        for key, value in found.items()
        if known.get(key) != value
    ]
