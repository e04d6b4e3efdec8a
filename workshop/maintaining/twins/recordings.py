"""The recordings of all stages, kept in steps/recordings/ and compared with what a stage does now.

A recording names functions, and counts a statement's line from its function's own. So it is the same after lines have
moved. It changes if a function is called once more or once less, if a statement is another, or if another line asks.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from workshop import ROOT
from workshop.base import files, stages
from workshop.base.problems import CommandFailed, Problem
from workshop.base.stages import Stage
from workshop.harness.inside import ask
from workshop.maintaining.twins.calls import Sources, figures, no_such_place, rows_of

FOLDER = Path("steps") / "recordings"
MEASURED = {"accepted": "accepted", "delivered": "delivered-form_legacy@1"}  # the latter goes on to the client's answer
SECONDS = 600  # a stage takes ten; a busy machine is no reason to have no recording
Recording = Mapping[str, Any]


def made(stage: Stage, *names: str) -> Recording:
    """The scenarios of these names, or all, played in the stage now. Raises CommandFailed."""
    found: Recording = ask(stage, "twins", *names, seconds=SECONDS, what="The recording")
    return found


def kept(name: str, root: Path = ROOT) -> Recording:
    """A stage's recording in steps/recordings/. Raises CommandFailed if there is none."""
    file = root / FOLDER / f"{name}.json"
    try:
        return unpacked(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise CommandFailed(f"There is no recording of {name}: ./ws dev record {name} makes it.") from None


def record(names: Sequence[str], root: Path = ROOT) -> Iterator[str]:
    """Records the stages of these names, or all, into steps/recordings/; says what it did."""
    chosen = [stages.stage(name, root) for name in names] or stages.all_stages(root)
    (root / FOLDER).mkdir(exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for stage, found in zip(chosen, threads.map(made, chosen), strict=True):
            files.write(root / FOLDER / f"{stage.name}.json", packed(found))
            yield f"recorded {stage.name}"


def differences(stage: Stage, root: Path = ROOT) -> list[str]:
    """In which scenarios a stage does not do what its recording says."""
    now, then = made(stage), kept(stage.name, root)
    return [
        f"{stage.name}, {name}: the recording is of other calls; ./ws dev record {stage.name} makes it again"
        for name in sorted({*now, *then})
        if now.get(name) != then.get(name)
    ]


def counts(stage: Stage, root: Path = ROOT) -> dict[str, int]:
    """The price and the gain of the tour's scenarios at a stage, by its recording: `trace.accepted.calls` and the like."""
    found, sources = kept(stage.name, root), Sources(stage.folder)
    counted: dict[str, int] = {}
    for title, name in MEASURED.items():
        rows = [row for _, calls in found[name]["acts"] for row in rows_of(calls, sources)]
        counted |= {f"trace.{title}.{key}": count for key, count in figures(rows, sources).items()}
    return counted


def recordings_fit(root: Path = ROOT) -> Iterator[Problem]:
    """Every call and every statement of a recording has its line in the stage. It takes seconds, because it plays nothing."""
    for stage in stages.all_stages(root):
        path = FOLDER / f"{stage.name}.json"
        try:
            found, sources = kept(stage.name, root), Sources(stage.folder)
        except CommandFailed as missing:
            yield Problem(path, 1, str(missing))
            continue
        acts = [rows for played in found.values() for _, rows in played["acts"]]
        for what in sorted(set(no_such_place(acts, sources))):
            yield Problem(path, 1, f"{what}; ./ws dev record {stage.name} makes it again")


def packed(found: Recording) -> str:
    """A recording as compact JSON: each function and each statement once, each on a line of its own."""
    functions: dict[tuple[str, str], int] = {}
    statements: dict[str, int] = {}

    def number(one: Sequence[Any]) -> list[Any]:
        if len(one) == 2:
            return [statements.setdefault(one[0], len(statements)), one[1]]
        file, name, marks, inner = one
        at = functions.setdefault((file, name), len(functions))
        return [at, marks, [number(each) for each in inner]]

    def acts(played: Mapping[str, Any]) -> list[Any]:
        return [[title, [number(one) for one in rows]] for title, rows in played["acts"]]

    scenarios = {name: {**played, "acts": acts(played)} for name, played in found.items()}
    parts = (
        _lines("functions", [_compact(list(one)) for one in functions]),
        _lines("statements", [_compact(one) for one in statements]),
        _lines("scenarios", [f"{_compact(name)}:{_compact(played)}" for name, played in scenarios.items()], "{}"),
    )
    return "{" + ",\n".join(parts) + "}\n"


def unpacked(read: Mapping[str, Any]) -> Recording:
    """The recording that was packed."""

    def named(one: Sequence[Any]) -> list[Any]:
        if len(one) == 2:
            return [read["statements"][one[0]], one[1]]
        return [*read["functions"][one[0]], one[1], [named(each) for each in one[2]]]

    return {
        name: {**played, "acts": [[title, [named(one) for one in rows]] for title, rows in played["acts"]]}
        for name, played in read["scenarios"].items()
    }


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _lines(name: str, parts: Sequence[str], around: str = "[]") -> str:
    return f'"{name}":{around[0]}\n' + ",\n".join(parts) + f"\n{around[1]}"


CHECKS = {"every call of a recording has its line": recordings_fit}
