"""The learner's own tests, run on the unchanged code and on copies: with one mistake each, or rewritten.

`runs` and `survivors` run each copy in a process of its own. `unnoticed` is for many mistakes: it runs the tests once,
and then the same process makes one small mistake after another in a module, each in a fork.
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
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from workshop.base.locks import locked
from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project
from workshop.exercises.jobs import TOGETHER, forked

SECONDS_A_RUN = 8  # of processor time, so that a busy machine changes no answer
OPTIONS = ("-q", "-x", "-c", os.devnull, "-p", "no:cacheprovider", "--import-mode=importlib")
PASSED, TESTS_FAILED, INTERNAL_ERROR, NO_TESTS = (
    0,
    1,
    3,
    5,
)  # pytest's exit codes; all others mean that it could not run the tests
AS_IT_IS = ""


@dataclass(frozen=True)
class Run:
    """The outcome of the tests on one copy: pytest's exit code, and the first failed test with its line."""

    code: int
    failed: Finding | None

    @property
    def passed(self) -> bool:
        return self.code == PASSED

    @property
    def said(self) -> str:
        """The reason why no test passed, if no test failed either."""
        if self.code == NO_TESTS:
            return "there is no test"
        return f"they did not end within {SECONDS_A_RUN} s" if self.code < 0 else "they cannot be run"

    @property
    def noticed(self) -> bool:
        """Whether a test failed. If no test could run, this is False."""
        return self.code == TESTS_FAILED


def runs(project: Project, tests: str, variants: Path) -> dict[str, Run]:
    """Runs the tests on the unchanged code, under AS_IT_IS, and on each variant, all at once.

    `variants` holds a folder for each, with the files that differ from the project's.
    """
    # In the judgement's folder, so that nothing remains if this process is killed.
    with tempfile.TemporaryDirectory(prefix="variants-", dir=os.environ.get(TOGETHER)) as scratch:
        began = {}
        for folder in (None, *sorted(variants.glob("*/"))):
            name = folder.name if folder else AS_IT_IS
            copy = Path(scratch) / (name or "as it is")
            trees.lay(copy, project.folder, folder)
            began[name] = copy, _start(copy, tests)
        return {name: _ended(copy, child) for name, (copy, child) in began.items()}


def survivors(project: Project, tests: str, mistakes: Path) -> Iterator[Finding]:
    """Mistakes that the learner's tests do not notice, each named as its folder is.

    If the tests fail on the unchanged code, or there are none, that is the only finding.
    """
    found = runs(project, tests, mistakes)
    as_it_is = found.pop(AS_IT_IS)
    if not as_it_is.passed:
        at = as_it_is.failed or Finding(tests, 0, "")
        yield Finding(at.file, at.line, "on the unchanged code these tests fail, or there are no tests")
        return
    for name, run in found.items():
        if not run.noticed:
            yield Finding(tests, 0, f"no test noticed the mistake {name.replace('-', ' ')!r}")


def unnoticed(project: Project, tests: str, file: str, mistakes: Mapping[str, str]) -> tuple[Run, list[str]]:
    """The run on the unchanged code, and the names of the mistakes with which every test passes.

    A mistake is the whole source of the file, with a function or a value changed. If the tests fail on the unchanged
    code, no mistake is tried. A mistake that makes the tests run endlessly counts as noticed. All checks of a judgement
    share one run, so each check must give the same mistakes.
    """
    together = os.environ.get(TOGETHER)
    with tempfile.TemporaryDirectory(prefix="planting-", dir=together) as scratch:
        kept = Path(together or scratch) / f"unnoticed-{tests.replace('/', '-')}.json"
        with locked(kept.with_suffix(".lock")):
            if not kept.exists():
                copy, living = Path(scratch) / "copy", Path(scratch) / "living.json"
                trees.lay(copy, project.folder)
                run = _ended(copy, _start(copy, tests, _Planting(file, mistakes, living)))
                names = json.loads(living.read_text(encoding="utf-8")) if living.exists() else []
                kept.write_text(json.dumps(asdict(run) | {"living": names}), encoding="utf-8")
        found = json.loads(kept.read_text(encoding="utf-8"))
    return Run(found["code"], Finding(**found["failed"]) if found["failed"] else None), found["living"]


class _Planting:
    """A pytest plugin that runs the tests. If all pass, it runs them again with each mistake."""

    def __init__(self, file: str, mistakes: Mapping[str, str], report: Path) -> None:
        self.module = file.removesuffix(".py").replace("/", ".")
        self.mistakes = mistakes
        self.report = report

    def pytest_runtestloop(self, session: Any) -> bool | None:
        if session.testsfailed or not session.items:
            return None  # the outcome is reported elsewhere
        if not self._passes(session, first=True):
            return True
        children = {name: self._begin(session, source) for name, source in self.mistakes.items()}
        ended = {name: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for name, pid in children.items()}
        living = [name for name, code in ended.items() if code == PASSED]
        self.report.write_text(json.dumps(living), encoding="utf-8")
        return True

    def _begin(self, session: Any, source: str) -> int:
        def run() -> int:
            gc.disable()  # a short process
            session.config.option.tbstyle = "no"  # the run needs to know only whether a test fails
            _put_in(importlib.import_module(self.module), source)
            return PASSED if self._passes(session, first=False) else TESTS_FAILED

        return forked(run, after_an_error=TESTS_FAILED)

    def _passes(self, session: Any, *, first: bool) -> bool:
        """Whether all tests pass. The database stays for the next run, which begins with the first test again."""
        from _pytest.runner import runtestprotocol

        items = session.items
        for item, following in zip(items, [*items[1:], items[0]], strict=True):
            if not first:
                item._initrequest()  # the fixtures of the last run are gone
            runtestprotocol(item, nextitem=following)
            if session.testsfailed:  # the parts of a test, `subTest`, count as well
                return False
        return True


def _put_in(module: ModuleType, source: str) -> None:
    """Replaces a module's code with that of another source. Importers of its functions get the changed ones too."""
    said: dict[str, Any] = {"__name__": module.__name__, "__package__": module.__package__, "__file__": module.__file__}
    exec(compile(source, str(module.__file__), "exec"), said)
    for name, new in said.items():
        old, new = inspect.unwrap(vars(module).get(name, said)), inspect.unwrap(new)
        if isinstance(old, FunctionType) and isinstance(new, FunctionType):
            old.__code__, old.__defaults__ = new.__code__, new.__defaults__
        elif isinstance(old, dict) and isinstance(new, dict) and not name.startswith("__"):
            old.clear()
            old.update(new)


class _FirstFailure:
    """A pytest plugin that remembers the first failed test or import: its place and its message."""

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

    def run() -> int:
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
            written = json.dumps(asdict(first.failed)).replace(f"{folder}/", "")  # a path that does not exist
            _report(folder).write_text(written, encoding="utf-8")
        return code

    return forked(run, after_an_error=INTERNAL_ERROR)


def _ended(folder: Path, pid: int) -> Run:
    """Waits for a run. An endless run is stopped by its limit on processor time, or together with the whole check."""
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    report = _report(folder)
    return Run(code, Finding(**json.loads(report.read_text(encoding="utf-8"))) if report.exists() else None)


def _report(folder: Path) -> Path:
    return folder.with_suffix(".json")
