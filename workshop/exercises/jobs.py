"""The jobs of a forked child, their outcomes, and the modules of an exercise's checks/."""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType

from workshop.base import files
from workshop.exercises.findings import Finding, Project

BEHAVIOUR = "behaviour"  # the job that is not a check's id
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


def load_checks(folder: Path) -> ModuleType:
    """An exercise's checks/architecture.py. It need not be part of a package or on the path."""
    return load(folder, "architecture")


def afterwards(folder: Path) -> Callable[[Project], Iterable[str]] | None:
    """The lines that an exercise shows next to its solution: `lines(project)` of checks/afterwards.py, if it has one.

    It may read the learner's files and must not run them.
    """
    if not (folder / "checks" / "afterwards.py").exists():
        return None
    lines: Callable[[Project], Iterable[str]] = load(folder, "afterwards").lines
    return lines


def load(folder: Path, name: str) -> ModuleType:
    """A module of an exercise's checks/. It need not be part of a package or on the path."""
    spec = importlib.util.spec_from_file_location(f"{name}_checks", folder / "checks" / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder.name}/checks/{name}.py cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look for the module here
    spec.loader.exec_module(module)
    return module


def checkers(folder: Path) -> dict[str, Checker]:
    """The architecture checks that an exercise's module defines, by id."""
    module = load_checks(folder)
    return {
        name.replace("_", "-"): value
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", "") == module.__name__ and not name.startswith("_")
    }
