"""Forked children, their jobs and outcomes, and the modules of an exercise's checks/."""

import json
import os
import runpy
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import SimpleNamespace

from workshop.base import files
from workshop.exercises.findings import Finding, Project

BEHAVIOUR = "behaviour"  # the job that is not a check's id
ARCHITECTURE = "architecture"  # the module with the checks of that light
TOGETHER = "WORKSHOP_JUDGEMENT"  # a variable with the folder that the jobs of one judgement share


@dataclass(frozen=True)
class Job:
    """`what` is "behaviour" or the id of an architecture check; `result` is the file that the answer goes to."""

    exercise: str
    project: str
    settings: str | None
    what: str
    result: str


@dataclass(frozen=True)
class Answer:
    """The findings of each check that ran, or the reason why no check could run."""

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    broken: Finding | None = None

    def write(self, file: Path) -> None:
        """Writes the file in one step, because the reader may open it at any moment."""
        files.write(file, json.dumps(asdict(self)))

    @classmethod
    def read(cls, file: Path) -> "Answer":
        written = json.loads(file.read_text(encoding="utf-8"))
        findings = {check: [Finding(**finding) for finding in found] for check, found in written["findings"].items()}
        return cls(findings, Finding(**written["broken"]) if written["broken"] else None)


Checker = Callable[[Project], Iterable[Finding] | None]


def afterwards(folder: Path) -> Callable[[Project], Iterable[str]] | None:
    """The lines that an exercise shows next to its solution: `lines(project)` of checks/afterwards.py, if it has one.

    It may read the learner's files and must not run them.
    """
    is_there = (folder / "checks" / "afterwards.py").exists()
    return load(folder, "afterwards").lines if is_there else None


def load(folder: Path, name: str) -> SimpleNamespace:
    """The names in a module of an exercise's checks/. It need not be part of a package or on the path."""
    return SimpleNamespace(**runpy.run_path(str(folder / "checks" / f"{name}.py"), run_name=name))


def forked(call: Callable[[], object], *, after_an_error: int = 1) -> int:
    """The id of a child process that makes a call. It ends with the call's result if this is a number, else with 0."""
    pid = os.fork()
    if pid:
        return pid
    code = after_an_error
    try:
        result = call()
        code = result if isinstance(result, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def checkers(folder: Path) -> dict[str, Checker]:
    """The architecture checks that an exercise's module defines, by id."""
    return {
        name.replace("_", "-"): value
        for name, value in vars(load(folder, ARCHITECTURE)).items()
        if callable(value) and getattr(value, "__module__", "") == ARCHITECTURE and not name.startswith("_")
    }
