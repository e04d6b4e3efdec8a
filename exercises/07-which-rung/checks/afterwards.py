"""The cost of each rung on the webhook server, next to the learner's choices.

The figures come from `make compare`, which writes the figures of every stage to steps/figures.json. Without that file,
this module counts the lines and files of the stages that it finds.
"""

import json
import re
import statistics
import tomllib
from collections.abc import Iterator
from pathlib import Path

from workshop.base.counting import counted
from workshop.base.stages import stages
from workshop.exercises.findings import Project
from workshop.harness.source import sizes

STAGE_OF = {"plain": "before", "registry": "step-03", "services": "step-05", "core": "step-07", "hexagon": "after"}
# The parts of a stage's line. Braces hold a key of steps/figures.json, and the noun that it counts.
PRICE = (
    "{lines.webhooks line}, {files.webhooks file} to read",
    "{lines.tests line} of tests, {files.tests file}",
    "{tests.database} of its {tests} tests need the database",
)
FIGURE = re.compile(r"{([\w.]+)(?: (\w+))?}")
Costs = dict[str, list[str]]  # by stage


def lines(project: Project) -> Iterator[str]:
    root = project.start.parents[2]
    costs, source = _costs(root)
    requests = _requests(root)
    chosen = _chosen(project.folder)
    yield f"What each rung has cost on the webhook server ({source}):"
    for rung, stage in STAGE_OF.items():
        cost = "; ".join([*costs.get(stage, ["not measured"]), *requests.get(rung, [])])
        yours = f" You chose it for {' and '.join(chosen[rung])}." if rung in chosen else ""
        yield f"{rung} ({stage}): {cost}.{yours}"
    if requests:
        yield "docs/when.md has the cost by kind of request, and says when a rung has paid."
    yield "Would you choose the same again, now that you know the price?"


def _requests(root: Path) -> Costs:
    """By rung, the lines that a change request takes there; nothing without the figures of the scorecard."""
    try:
        figures = json.loads((root / "steps" / "requests" / "figures.json").read_text(encoding="utf-8")).values()
        whole = [found for found in figures if len(found) == len(STAGE_OF)]
        taken = {
            rung: [found[name]["lines"] + found[name]["test_lines"] for found in whole]
            for rung, name in zip(STAGE_OF, ("before", *list(STAGE_OF)[1:]), strict=True)
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {
        rung: [f"a change request takes {statistics.median(lines):g} lines, tests included (median of {len(lines)})"]
        for rung, lines in taken.items()
        if lines
    }


def _costs(root: Path) -> tuple[Costs, str]:
    """The known costs of every stage, and their source."""
    file = root / "steps" / "figures.json"
    if not file.exists():
        why = "steps/figures.json is missing; counted now"
        return _measured(root), why
    try:
        return _kept(file), "steps/figures.json"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return _measured(root), f"steps/figures.json cannot be read ({type(error).__name__}: {error}); counted now"


def _kept(file: Path) -> Costs:
    figures = json.loads(file.read_text(encoding="utf-8"))
    return {stage: [_filled(part, figures[stage]) for part in PRICE] for stage in STAGE_OF.values()}


def _filled(part: str, figures: dict[str, int]) -> str:
    return FIGURE.sub(lambda found: counted(figures[found[1]], found[2]) if found[2] else str(figures[found[1]]), part)


def _measured(root: Path) -> Costs:
    costs: Costs = {}
    for stage in stages(root):
        if stage.name in STAGE_OF.values():
            by_ring = sizes(stage.folder)
            code, tests = by_ring["webhooks"], by_ring["tests"]
            costs[stage.name] = [
                f"{counted(code.lines, 'line')}, {counted(code.files, 'file')} to read",
                f"{counted(tests.lines, 'line')} of tests, {counted(tests.files, 'file')}",
            ]
    return costs


def _chosen(folder: Path) -> dict[str, list[str]]:
    """The apps by chosen rung, with the learner's own project if its table is filled in."""
    try:
        answers = tomllib.loads((folder / "answers.toml").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}
    names = {"stock": "stock", "statements": "statements", "disputes": "disputes", "yours": "your own project"}
    chosen: dict[str, list[str]] = {}
    for table, name in names.items():
        rung = answers[table].get("rung") if isinstance(answers.get(table), dict) else None
        if rung in STAGE_OF:
            chosen.setdefault(rung, []).append(name)
    return chosen
