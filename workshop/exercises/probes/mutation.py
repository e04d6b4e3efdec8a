"""The learner's own tests, run on the code as it is and on copies of it: with one mistake each, or rewritten.

`runs` and `survivors` give each copy a process of its own, from the first import on. `unnoticed` runs the tests once, and
then lets the same process make one small mistake after another in a module, each in a fork: for many mistakes.
"""

import gc
import importlib
import inspect
import json
import os
import re
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from workshop.base.locks import locked
from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project
from workshop.exercises.jobs import TOGETHER

SECONDS_A_RUN = 8  # of the processor, so that a machine with other things to do changes no answer
OPTIONS = ("-q", "-x", "-c", os.devnull, "-p", "no:cacheprovider", "--import-mode=importlib")
PASSED, TESTS_FAILED, NO_TESTS = 0, 1, 5  # pytest's exit codes; others mean that it could not run them
AS_IT_IS = ""


@dataclass(frozen=True)
class Run:
    """What the tests came to on one copy: pytest's exit code, and the first test that failed, with its line."""

    code: int
    failed: Finding | None

    @property
    def passed(self) -> bool:
        return self.code == PASSED

    @property
    def said(self) -> str:
        """Why no test has passed, where none has failed."""
        if self.code == NO_TESTS:
            return "there is no test"
        return f"they came to no end in {SECONDS_A_RUN} s" if self.code < 0 else "they cannot be run"

    @property
    def noticed(self) -> bool:
        """Whether a test failed, which is not the same as that none could be run."""
        return self.code == TESTS_FAILED


def runs(project: Project, tests: str, variants: Path) -> dict[str, Run]:
    """Runs the tests on the code as it is, under AS_IT_IS, and on each variant, all at once.

    `variants` holds a folder for each, with the files that differ from the project's.
    """
    folders = [folder for folder in sorted(variants.iterdir()) if folder.is_dir()] if variants.is_dir() else []
    # In the judgement's folder, so that nothing stays behind where this process is ended.
    with tempfile.TemporaryDirectory(prefix="variants-", dir=os.environ.get(TOGETHER)) as scratch:
        began = {}
        for folder in folders:
            copy = _copy(project, Path(scratch) / folder.name, folder)
            began[folder.name] = copy, _start(copy, tests)
        as_it_is = _as_it_is(project, tests, Path(scratch) / "as it is")
        return {AS_IT_IS: as_it_is} | {name: _ended(copy, child) for name, (copy, child) in began.items()}


def survivors(project: Project, tests: str, mistakes: Path) -> Iterator[Finding]:
    """Mistakes that the learner's tests do not notice, each named as its folder is.

    Tests that fail on the code as it is, or that are not there, are the first finding, and the only one.
    """
    found = runs(project, tests, mistakes)
    as_it_is = found.pop(AS_IT_IS)
    if not as_it_is.passed:
        at = as_it_is.failed or Finding(tests, 0, "")
        yield Finding(at.file, at.line, "these tests fail, or there are none, on the code as it is")
        return
    for name, run in found.items():
        if not run.noticed:
            yield Finding(tests, 0, f"nobody noticed the mistake {name.replace('-', ' ')!r}")


def unnoticed(project: Project, tests: str, file: str, mistakes: Mapping[str, str]) -> tuple[Run, list[str]]:
    """The run on the code as it is, and the names of the mistakes that no test fails on.

    A mistake is the whole source of the file with something changed in its functions or its values. Where the tests fail
    without any, none is made. A mistake with which they come to no end is noticed. It happens once in a judgement: give
    the same mistakes from each check.
    """

    def plant(scratch: Path) -> dict[str, Any]:
        folder = _copy(project, scratch / "planting", None)
        living = scratch / "living.json"
        run = _ended(folder, _start(folder, tests, _Planting(file, mistakes, living)))
        names = json.loads(living.read_text(encoding="utf-8")) if living.exists() else []
        return asdict(run) | {"living": names}

    found = _once(f"unnoticed-{tests.replace('/', '-')}", plant)
    return _run(found), found["living"]


class _Planting:
    """A pytest plugin that runs the tests, and once all have passed, again with each mistake."""

    def __init__(self, file: str, mistakes: Mapping[str, str], report: Path) -> None:
        self.module = file.removesuffix(".py").replace("/", ".")
        self.mistakes = mistakes
        self.report = report

    def pytest_runtestloop(self, session: Any) -> bool | None:
        if session.testsfailed or not session.items:
            return None  # as ever: it is said elsewhere
        if not self._passes(session, first=True):
            return True
        children = {name: self._begin(session, source) for name, source in self.mistakes.items()}
        ended = {name: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for name, pid in children.items()}
        living = [name for name, code in ended.items() if code == PASSED]
        self.report.write_text(json.dumps(living), encoding="utf-8")
        return True

    def _begin(self, session: Any, source: str) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = TESTS_FAILED
        try:
            gc.disable()  # a short process
            session.config.option.tbstyle = "no"  # whether a test fails is all that is asked
            _put_in(importlib.import_module(self.module), source)
            code = PASSED if self._passes(session, first=False) else TESTS_FAILED
        finally:
            os._exit(code)

    def _passes(self, session: Any, *, first: bool) -> bool:
        """Whether all tests pass. The database stays for the next time: after the last test comes the first one."""
        from _pytest.runner import runtestprotocol

        items = session.items
        for item, following in zip(items, [*items[1:], items[0]], strict=True):
            if not first:
                item._initrequest()  # the fixtures of the last time are gone
            runtestprotocol(item, nextitem=following)
            if session.testsfailed:  # the parts of a test, `subTest`, count as well
                return False
        return True


def _put_in(module: ModuleType, source: str) -> None:
    """Lets a module do what another source of it says. Those who have imported a function of it have the changed one."""
    said: dict[str, Any] = {"__name__": module.__name__, "__package__": module.__package__, "__file__": module.__file__}
    exec(compile(source, str(module.__file__), "exec"), said)
    for name, new in said.items():
        old, new = inspect.unwrap(vars(module).get(name, said)), inspect.unwrap(new)
        if isinstance(old, FunctionType) and isinstance(new, FunctionType):
            old.__code__, old.__defaults__ = new.__code__, new.__defaults__
        elif isinstance(old, dict) and isinstance(new, dict) and not name.startswith("__"):
            old.clear()
            old.update(new)


def _as_it_is(project: Project, tests: str, target: Path) -> Run:
    """The run on the code as it is: once for all checks of a judgement, by whichever comes first."""

    def run(scratch: Path) -> dict[str, Any]:
        return asdict(_ended(target, _start(_copy(project, target, None), tests)))

    return _run(_once(f"as-it-is-{tests.replace('/', '-')}", run))


def _once(name: str, make: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """What `make` says, given a folder of its own; within one judgement, what it said to the check that came first."""
    together = os.environ.get(TOGETHER)
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=together) as scratch:
        if not together:
            return make(Path(scratch))
        kept = Path(together) / name
        with locked(kept.with_suffix(".lock")):
            if not kept.exists():
                kept.write_text(json.dumps(make(Path(scratch))), encoding="utf-8")
            found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def _run(written: Mapping[str, Any]) -> Run:
    return Run(written["code"], Finding(**written["failed"]) if written["failed"] else None)


def _copy(project: Project, target: Path, overlay: Path | None) -> Path:
    for name in trees.files(project.folder):
        trees.copy(project.folder / name, target / name)
    if overlay:
        for name in trees.files(overlay):
            trees.copy(overlay / name, target / name)
    return target


class _FirstFailure:
    """A pytest plugin that remembers the first test that failed, or the import: where it stands, and what it said."""

    def __init__(self) -> None:
        self.failed: Finding | None = None

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.failed:
            file, line, name = report.location
            self.failed = Finding(file, 0 if line is None else line + 1, f"{name}: {_said(report)}")

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.failed:
            at = re.search(rf"{re.escape(report.nodeid)}:(\d+): ", str(report.longrepr))
            self.failed = Finding(report.nodeid, int(at[1]) if at else 0, _said(report))


def _said(report: Any) -> str:
    """An error in one line, whether a test raised it or the import of its module."""
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = (crash.message if crash else str(report.longrepr)).strip().splitlines()
    errors = [line.removeprefix("E ").strip() for line in lines if line.startswith("E ")]
    return (errors or lines or ["it failed"])[0 if crash else -1]


def _start(folder: Path, tests: str, planting: _Planting | None = None) -> int:
    """Forks, because this process has loaded pytest and Django already; returns the child's id."""
    pid = os.fork()
    if pid:
        return pid
    code = 3  # pytest's own for an internal error
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_A_RUN, SECONDS_A_RUN + 1))
        sys.path.insert(0, str(folder))
        sys.dont_write_bytecode = True
        os.chdir(folder)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        import pytest

        with_django = ["-p", "pytest_django.plugin"] if os.environ.get("DJANGO_SETTINGS_MODULE") else []
        where = ["--rootdir=.", "--confcutdir=.", tests]  # pytest reads a $ in a path as a variable
        first = _FirstFailure()
        code = int(pytest.main([*OPTIONS, *with_django, *where], plugins=[first, *([planting] if planting else [])]))
        if first.failed:
            written = json.dumps(asdict(first.failed)).replace(f"{folder}/", "")  # a place that nobody will find
            _report(folder).write_text(written, encoding="utf-8")
    finally:
        os._exit(code)


def _ended(folder: Path, pid: int) -> Run:
    """Waits for a run. One without an end is ended by the limit on its processor time, or with this whole check."""
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    report = _report(folder)
    return Run(code, Finding(**json.loads(report.read_text(encoding="utf-8"))) if report.exists() else None)


def _report(folder: Path) -> Path:
    return folder.with_suffix(".json")
