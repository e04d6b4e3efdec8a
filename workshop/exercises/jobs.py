"""What a forked child does: run one exercise's behaviour tests, or one of its architecture checks, on a folder."""

import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType

from workshop.exercises.findings import Finding, Project, as_crash, said, where_raised

BEHAVIOUR = "behaviour"  # the job that is not a check's id
TOGETHER = "WORKSHOP_JUDGEMENT"  # names a folder that the jobs of one judgement share, for what each would do again
MOST_FINDINGS = 20


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
    """The findings of each check that ran, or, where nothing could run, what stopped it."""

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    broken: Finding | None = None

    def write(self, file: Path) -> None:
        """Whole or not at all: who reads it may be quicker."""
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self)), encoding="utf-8")
        os.replace(partial, file)

    @classmethod
    def read(cls, file: Path) -> "Answer":
        written = json.loads(file.read_text(encoding="utf-8"))
        findings = {check: [Finding(**one) for one in found] for check, found in written["findings"].items()}
        return cls(findings, Finding(**written["broken"]) if written["broken"] else None)


def run(job: Job) -> None:
    """Does the job in this process, which must be a child made for it alone: it changes sys.path and more."""
    folder = Path(job.exercise)
    project = Project(Path(job.project).resolve(), folder / "start")
    sys.dont_write_bytecode = True
    os.environ[TOGETHER] = str(Path(job.result).parent)
    sys.path.insert(0, str(project.folder))
    os.chdir(project.folder)
    if job.settings:
        os.environ["DJANGO_SETTINGS_MODULE"] = job.settings
    answer = _behaviour(folder, project) if job.what == BEHAVIOUR else _architecture(folder, project, job.what)
    answer.write(Path(job.result))


def _behaviour(folder: Path, project: Project) -> Answer:
    import pytest

    from workshop.exercises import behaviour, oracle

    oracle.begin(folder)
    if broken := _does_not_start(project):
        return Answer(broken=broken)
    outcomes = behaviour.Outcomes(project)
    os.chdir(folder / "checks")
    code = pytest.main(behaviour.arguments(project.folder), plugins=[outcomes])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return Answer(broken=Finding(f"exercises/{folder.name}/checks", 0, f"pytest ended with {int(code)}"))
    if outcomes.not_made:
        return Answer(broken=Finding("", 0, f"This check could not be made: {outcomes.not_made}."))
    if outcomes.failed:
        crashes = behaviour.Crashes(outcomes)
        os.chdir(folder / "checks")
        pytest.main(behaviour.arguments(project.folder), plugins=[crashes])
        for check, crash in crashes.found.items():
            outcomes.findings[check].insert(0, crash)
    return Answer(outcomes.findings)


def _does_not_start(project: Project) -> Finding | None:
    """Loads what the project would load on its first request."""
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        return None
    import django
    from django.core.checks import run_checks
    from django.urls import get_resolver

    try:
        django.setup()
        get_resolver().url_patterns  # noqa: B018 - imports every view
        run_checks()
    except (Exception, SystemExit) as error:
        return where_raised(error, project) or Finding("manage.py", 0, said(error))
    return None


def _architecture(folder: Path, project: Project, check: str) -> Answer:
    function = getattr(load_checks(folder), check.replace("-", "_"))
    try:
        found = list(function(project) or [])
    except (Exception, SystemExit) as error:
        inside = where_raised(error, project)
        if inside is None:
            raise
        found = [as_crash(inside)]
    return Answer({check: found[:MOST_FINDINGS]})


Checker = Callable[[Project], Iterable[Finding] | None]


def load_checks(folder: Path) -> ModuleType:
    """An exercise's checks/architecture.py, which needs to be no package and on no path."""
    return load(folder, "architecture")


def afterwards(folder: Path) -> Callable[[Project], Iterable[str]] | None:
    """What an exercise shows beside its solution: `lines(project)` of its checks/afterwards.py, where it has one.

    It may read the learner's files and must not run them.
    """
    if not (folder / "checks" / "afterwards.py").exists():
        return None
    lines: Callable[[Project], Iterable[str]] = load(folder, "afterwards").lines
    return lines


def load(folder: Path, name: str) -> ModuleType:
    """A module of an exercise's checks/, which needs to be no package and on no path."""
    spec = importlib.util.spec_from_file_location(f"{name}_checks", folder / "checks" / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder.name}/checks/{name}.py cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
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
