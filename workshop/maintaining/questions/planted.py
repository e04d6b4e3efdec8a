"""Proofs that run code: tests, import contracts, or a few lines of Python.

They run in a copy with a change in it. A red test proves nothing if it is red without the change too, so tests that must
fail first run in an unchanged copy.
"""

import re
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workshop import ROOT
from workshop.base import environment, setup
from workshop.base.calls import call, last_words, output_of
from workshop.base.problems import CommandFailed
from workshop.harness.testing import SHARED, SHARED_OPTIONS, counts
from workshop.maintaining.questions.places import Place
from workshop.maintaining.walls.tools import import_linter

TESTS_ENDED = (0, 1)  # pytest's exit codes for "all passed" and "some failed"; all others mean that it could not run
SECONDS = 300
CONTRACT = re.compile(r"^(?P<name>.+?) (?P<state>KEPT|BROKEN)\b", re.MULTILINE)
WIDE = {"COLUMNS": "500"}  # so that no name of a contract is wrapped
IN_MEMORY = {"DATABASE_URL": "sqlite://:memory:"}


@dataclass(frozen=True, kw_only=True)
class Tests(Place):
    """by = "tests": of the tests to `run`, the place's own or those of the shared suite, exactly those in `fails` fail."""

    run: tuple[str, ...]
    fails: tuple[str, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.run or not self.is_changed:
            raise ValueError("run: name the tests to run, and a change to the place")

    def problems(self) -> Iterator[str]:
        if self.fails and (red := _failures(self.without_changes, self.run)):
            yield f"{', '.join(sorted(red))} failed without the change, so the proof says nothing"
            return
        red = _failures(self.place, self.run)
        for name in self.fails:
            if not any(_is_named(test, name) for test in red):
                yield f"{name} did not fail"
        for test in sorted(red):
            if not any(_is_named(test, name) for name in self.fails):
                yield f"{test} failed, and no proof expects it"


@dataclass(frozen=True, kw_only=True)
class Walls(Place):
    """by = "walls": exactly the import contracts in `broken` are broken."""

    broken: tuple[str, ...]

    def problems(self) -> Iterator[str]:
        states = _contracts(self.place)
        yield from (f"there is no contract {name!r}" for name in self.broken if name not in states)
        for name, state in states.items():
            if (state == "BROKEN") != (name in self.broken):
                yield f"the contract {name!r} is {state.lower()}"


@dataclass(frozen=True, kw_only=True)
class Prints(Place):
    """by = "prints": `code`, or the file `script`, prints exactly this. With `django`, it runs in manage.py's shell."""

    code: str = ""
    script: Path | None = None
    django: bool = False
    prints: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.code) == bool(self.script):
            raise ValueError("code: write the `code`, or name a `script` next to the questions")

    def problems(self) -> Iterator[str]:
        code = self.script.read_text(encoding="utf-8") if self.script else self.code
        printed = _printed(self.place, code, self.django)
        if printed != self.prints:
            yield f"the code printed {printed!r}, not {self.prints!r}"


@cache
def _contracts(where: Place) -> Mapping[str, str]:
    """The state of each import contract: KEPT or BROKEN. Raises CommandFailed if they cannot run."""
    with where.laid() as folder:
        done = call(import_linter(), folder, environment.made() | WIDE, SECONDS)
    states = {found["name"].strip(): found["state"] for found in CONTRACT.finditer(done.stdout)}
    if not states:
        raise CommandFailed(f"the import contracts could not run:\n{last_words(done.stdout + done.stderr)}")
    return states


@cache
def _printed(where: Place, code: str, django: bool) -> str:
    """The output of some lines of Python. Raises CommandFailed if they fail."""
    command = ["manage.py", "shell", "-v", "0", "-c", code] if django else ["-c", code]
    with where.laid() as folder:
        around = environment.made() | IN_MEMORY
        return output_of([str(setup.interpreter()), *command], "the code failed", folder, around, SECONDS)


@cache
def _failures(where: Place, run: tuple[str, ...]) -> frozenset[str]:
    """The names of the tests that fail. Raises CommandFailed if the tests cannot run, or if there are none."""
    with where.laid() as folder, tempfile.TemporaryDirectory(prefix="question-") as made:
        report = Path(made) / "report.xml"
        done = call(
            [str(setup.interpreter()), "-m", "pytest", "-q", *_arguments(where, folder, run), f"--junitxml={report}"],
            ROOT if _is_shared(run) else folder,
            _surroundings(),
            SECONDS,
        )
        if done.returncode not in TESTS_ENDED or not sum(counts(report)):
            raise CommandFailed(f"the tests could not run:\n{last_words(done.stdout + done.stderr)}")
        cases = list(ElementTree.parse(report).iter("testcase"))
    red = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    return frozenset(case.get("name", "") for case in red)


def _arguments(where: Place, folder: Path, run: tuple[str, ...]) -> list[str]:
    if _is_shared(run):
        return [*SHARED_OPTIONS, *run, f"--stage-dir={folder}"]
    settings = where.its_exercise.settings if where.exercise else None
    return ["-p", "no:cacheprovider", *run, *([f"--ds={settings}"] if settings else [])]


def _is_shared(run: tuple[str, ...]) -> bool:
    return run[0].startswith(SHARED)


def _surroundings() -> Mapping[str, str]:
    return environment.made() | {"DB": "sqlite"}


def _is_named(test: str, name: str) -> bool:
    """Whether a test has this name, with or without its parameters."""
    return test == name or test.startswith(f"{name}[")
