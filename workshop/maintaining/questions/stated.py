"""Proofs that only read: files that a step changes, figures, recordings, and the text of a file. Each takes milliseconds."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from workshop import ROOT
from workshop.ask.questions import Proof
from workshop.base.names import STAGES, number_of
from workshop.base.problems import CommandFailed
from workshop.base.road import in_between, road
from workshop.base.stages import stage
from workshop.maintaining.questions.places import Place, place
from workshop.maintaining.twins import recordings
from workshop.maintaining.twins.calls import Sources, every, figures, rows_of
from workshop.walk.changes import Change, changes


@dataclass(frozen=True)
class FilesOfAStep:
    """The files that a step changes, or one of its commits. A file that moves is changed under its old name."""

    step: str
    commit: int
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]

    def problems(self) -> Iterator[str]:
        laid = road(ROOT)
        commits = in_between(laid.git, self.step)
        if self.commit > len(commits):
            raise CommandFailed(f"{self.step} has {len(commits)} commits, so no commit {self.commit}")
        new = commits[self.commit - 1] if self.commit else f"refs/tags/{self.step}"
        old = f"{new}~1" if self.commit else f"refs/tags/{STAGES[number_of(self.step) - 1]}"
        here = set(laid.git("ls-tree", "-r", "--name-only", old).splitlines())
        yield from _compared(self, _touched(changes(laid.git, old, new)), here)


@dataclass(frozen=True)
class FilesOfAPatch:
    """The files that patches change at a stage."""

    place: Place
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]

    def problems(self) -> Iterator[str]:
        touched = set()
        for patch in self.place.patches:
            lines = patch.read_text(encoding="utf-8").splitlines()
            touched |= {line[6:].removeprefix("before/") for line in lines if line.startswith(("--- a/", "+++ b/"))}
        here = {file.relative_to(self.place.original).as_posix() for file in self.place.original.rglob("*")}
        yield from _compared(self, touched, here)


@dataclass(frozen=True)
class Figure:
    """A figure of steps/figures.json."""

    stage: str
    key: str
    value: int

    def problems(self) -> Iterator[str]:
        found = _figures().get(self.stage, {}).get(self.key)
        if found is None:
            yield f"steps/figures.json has no {self.key} of {self.stage}"
        elif found != self.value:
            yield f"{self.key} of {self.stage} is {found}, not {self.value}"


@dataclass(frozen=True)
class Recorded:
    """The recording of a scenario: its number of SQL statements, and functions that run in it or do not."""

    stage: str
    scenario: str
    statements: int
    calls: tuple[str, ...]
    calls_not: tuple[str, ...]

    def problems(self) -> Iterator[str]:
        played = recordings.kept(self.stage).get(self.scenario)
        if played is None:
            yield f"the recording of {self.stage} has no scenario {self.scenario}"
            return
        sources = Sources(stage(self.stage).folder)
        rows = [row for _, calls in played["acts"] for row in rows_of(calls, sources)]
        if self.statements and (found := figures(rows, sources)["sql"]) != self.statements:
            yield f"{self.scenario} at {self.stage} sends {found} statements, not {self.statements}"
        called = {f"{row.file}:{row.name}" for row in every(rows) if not row.is_statement}
        yield from (
            f"{name} does not run in {self.scenario} at {self.stage}" for name in self.calls if name not in called
        )
        yield from (f"{name} runs in {self.scenario} at {self.stage}" for name in self.calls_not if name in called)


@dataclass(frozen=True)
class Text:
    """Texts that a file of a stage or of an exercise's start has, and texts that it lacks. Or there is no such file."""

    place: Place
    file: str
    has: tuple[str, ...]
    lacks: tuple[str, ...]
    absent: bool

    def problems(self) -> Iterator[str]:
        path = self.place.original / self.file
        if path.is_file() == self.absent:
            yield f"{self.file} is {'' if self.absent else 'not '}there"
        if not path.is_file():
            return
        text = path.read_text(encoding="utf-8")
        yield from (f"{self.file} lacks {each!r}" for each in self.has if each not in text)
        yield from (f"{self.file} has {each!r}" for each in self.lacks if each in text)


def files(proof: Proof) -> FilesOfAStep | FilesOfAPatch:
    """by = "files": `changed` and `unchanged` files of `step` and `commit`, or of `patches` at a `stage`."""
    table = proof.table()
    step = table.text("step", optional=True)
    changed, unchanged = _texts(proof, "changed"), _texts(proof, "unchanged")
    for key in ("changed", "unchanged"):
        table.texts(key, optional=True)
    if not changed and not unchanged:
        raise table.problem("changed", "name a file that is `changed`, or one that is `unchanged`")
    found: FilesOfAStep | FilesOfAPatch
    if step:
        if step not in STAGES[1:-1]:
            raise table.problem("step", f"{step!r} is no step; write step-04")
        found = FilesOfAStep(step, table.number("commit", optional=True), changed, unchanged)
    else:
        found = FilesOfAPatch(place(table, proof), changed, unchanged)
        if not found.place.patches:
            raise table.problem("patches", "is missing; or name a `step`")
    table.must_be_used_up()
    return found


def figure(proof: Proof) -> Figure:
    """by = "figure": the `figure` of a `stage` `is` a number."""
    table = proof.table()
    found = Figure(table.text("stage"), table.text("figure"), table.number("is", least=0))
    table.must_be_used_up()
    return found


def recorded(proof: Proof) -> Recorded:
    """by = "recording": `statements`, `calls` and `calls_not` of a `scenario` at a `stage`."""
    table = proof.table()
    name, scenario, statements = table.text("stage"), table.text("scenario"), table.number("statements", optional=True)
    calls, calls_not = (tuple(table.texts(key, optional=True)) for key in ("calls", "calls_not"))
    table.must_be_used_up()
    if not (statements or calls or calls_not):
        raise table.problem("statements", "name the number of statements, or functions in `calls` or `calls_not`")
    return Recorded(name, scenario, statements, calls, calls_not)


def text(proof: Proof) -> Text:
    """by = "text": what a `file` `has` and `lacks`, or that it is `absent`."""
    table = proof.table()
    where, file = place(table, proof), table.text("file")
    has, lacks = (tuple(table.texts(key, optional=True)) for key in ("has", "lacks"))
    absent = table.flag("absent")
    table.must_be_used_up()
    if bool(has or lacks) == absent or where.is_changed:
        raise table.problem("has", "name texts that the unchanged file `has` or `lacks`, or write that it is `absent`")
    return Text(where, file, has, lacks, absent)


def _compared(named: FilesOfAStep | FilesOfAPatch, touched: set[str], here: set[str]) -> Iterator[str]:
    yield from (f"{name} is not changed" for name in named.changed if name not in touched)
    yield from (f"{name} is changed" for name in named.unchanged if name in touched)
    yield from (f"{name} is not there, so it says nothing" for name in named.unchanged if name not in here | touched)


def _touched(found: Iterable[Change]) -> set[str]:
    return {path for change in found for path in (change.path, change.old)}


def _texts(proof: Proof, key: str) -> tuple[str, ...]:
    return tuple(proof.table().texts(key, optional=True))


@cache
def _figures() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((ROOT / "steps" / "figures.json").read_text(encoding="utf-8"))
    return found
