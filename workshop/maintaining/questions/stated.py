"""Proofs that only read: files that a step changes, figures, recordings, and the text of a file. Each takes milliseconds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workshop import ROOT
from workshop.base.names import STAGES, number_of
from workshop.base.problems import CommandFailed
from workshop.base.road import in_between, road
from workshop.base.stages import stage
from workshop.base.toml import Count, Verbatim
from workshop.maintaining import measure
from workshop.maintaining.questions.places import Place
from workshop.maintaining.twins import recordings
from workshop.maintaining.twins.calls import Sources, every, figures, rows_of
from workshop.walk.changes import Change, changes


@dataclass(frozen=True, kw_only=True)
class FilesOfAStep:
    """by = "files", with `step`: files that a step changes, or one of its commits, and files that it does not change.

    A file that moves is changed under its old name.
    """

    step: str
    commit: int | None = None
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.step not in STAGES[1:-1]:
            raise ValueError(f"step: {self.step!r} is no step; write step-04")
        _must_name_files(self)

    def problems(self) -> Iterator[str]:
        laid = road(ROOT)
        commits = in_between(laid.git, self.step)
        if self.commit and self.commit > len(commits):
            raise CommandFailed(f"{self.step} has {len(commits)} commits, so no commit {self.commit}")
        new = commits[self.commit - 1] if self.commit else f"refs/tags/{self.step}"
        old = f"{new}~1" if self.commit else f"refs/tags/{STAGES[number_of(self.step) - 1]}"
        here = set(laid.git("ls-tree", "-r", "--name-only", old).splitlines())
        yield from _compared(self, _touched(changes(laid.git, old, new)), here)


@dataclass(frozen=True, kw_only=True)
class FilesOfAPatch(Place):
    """by = "files", with `patches`: files that patches change at a stage, and files that they do not change."""

    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        _must_name_files(self)
        if not self.patches:
            raise ValueError("patches: is missing; or name a `step`")

    def problems(self) -> Iterator[str]:
        touched = set()
        for patch in self.patches:
            lines = patch.read_text(encoding="utf-8").splitlines()
            touched |= {line[6:].removeprefix("before/") for line in lines if line.startswith(("--- a/", "+++ b/"))}
        here = {file.relative_to(self.original).as_posix() for file in self.original.rglob("*")}
        yield from _compared(self, touched, here)


@dataclass(frozen=True)
class Figure:
    """by = "figure": the `figure` of a `stage` in steps/figures.json `is` a number."""

    stage: str
    figure: str
    is_: Count

    def problems(self) -> Iterator[str]:
        found = measure.kept().get(self.stage, {}).get(self.figure)
        if found is None:
            yield f"steps/figures.json has no {self.figure} of {self.stage}"
        elif found != self.is_:
            yield f"{self.figure} of {self.stage} is {found}, not {self.is_}"


@dataclass(frozen=True)
class Recorded:
    """by = "recording": a `scenario` at a `stage` sends `statements` to the database, runs `calls`, and not `calls_not`."""

    stage: str
    scenario: str
    statements: int | None = None
    calls: tuple[str, ...] = ()
    calls_not: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.statements or self.calls or self.calls_not):
            raise ValueError("statements: name the number of statements, or functions in `calls` or `calls_not`")

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


@dataclass(frozen=True, kw_only=True)
class Text(Place):
    """by = "text": a `file` of an unchanged place `has` texts and `lacks` texts. Or the file is `absent`."""

    file: str
    has: tuple[Verbatim, ...] = ()
    lacks: tuple[Verbatim, ...] = ()
    absent: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        texts = (*self.has, *self.lacks)
        if bool(texts) == self.absent or not all(texts) or self.is_changed:
            raise ValueError("has: name texts that the unchanged file `has` or `lacks`, or write that it is `absent`")

    def problems(self) -> Iterator[str]:
        path = self.original / self.file
        if path.is_file() == self.absent:
            yield f"{self.file} is {'' if self.absent else 'not '}there"
        if not path.is_file():
            return
        text = path.read_text(encoding="utf-8")
        yield from (f"{self.file} lacks {each!r}" for each in self.has if each not in text)
        yield from (f"{self.file} has {each!r}" for each in self.lacks if each in text)


def _must_name_files(proof: FilesOfAStep | FilesOfAPatch) -> None:
    if not proof.changed and not proof.unchanged:
        raise ValueError("changed: name a file that is `changed`, or one that is `unchanged`")


def _compared(named: FilesOfAStep | FilesOfAPatch, touched: set[str], here: set[str]) -> Iterator[str]:
    yield from (f"{name} is not changed" for name in named.changed if name not in touched)
    yield from (f"{name} is changed" for name in named.unchanged if name in touched)
    yield from (f"{name} is not there, so it says nothing" for name in named.unchanged if name not in here | touched)


def _touched(found: Iterable[Change]) -> set[str]:
    return {path for change in found for path in (change.path, change.old)}
