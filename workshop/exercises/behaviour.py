"""A pytest plugin: an exercise's behaviour tests against a learner's folder.

Each test says with `@pytest.mark.check("id")` which check of exercise.toml it belongs to.
"""

import json
import linecache
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.test import Client

from workshop.exercises import jobs, oracle
from workshop.exercises.findings import Finding, Project, as_crash, said, where_raised

MISTAKES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NameError,
    RecursionError,
    TypeError,
)  # no code refuses a request with these
FEWEST_LETTERS = 3  # in an error's text; a shorter text may be in a test's message by chance


class Outcomes:
    """The outcome of the tests of each check: the findings of the failed tests, by check."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.findings: dict[str, list[Finding]] = {}
        self.not_made = ""
        self.failed: dict[str, str] = {}  # by check, the first test that failed without a crash

    def pytest_sessionstart(self) -> None:
        """The tests run in the learner's folder, as they would by hand."""
        os.chdir(self.project.folder)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None] | pytest.TestReport:
        report: pytest.TestReport = yield  # type: ignore[misc,assignment]
        marker = item.get_closest_marker("check")
        if marker is None:
            raise pytest.UsageError(f"{item.nodeid} has no @pytest.mark.check")
        findings = self.findings.setdefault(str(marker.args[0]), [])
        if call.excinfo is not None and isinstance(call.excinfo.value, oracle.NotAsked):
            self.not_made = str(call.excinfo.value)
        elif report.failed and call.excinfo is not None:
            findings.append(self._finding(item, call.excinfo))
            if not findings[-1].crashed:
                self.failed.setdefault(str(marker.args[0]), item.nodeid)
        return report

    def _finding(self, item: pytest.Item, raised: pytest.ExceptionInfo[BaseException]) -> Finding:
        """The failed assertion with its line in the test. For an error that no test expects, the learner's line."""
        if not isinstance(raised.value, (AssertionError, pytest.fail.Exception)):
            at = where_raised(raised.value, self.project) or Finding("", 0, said(raised.value))
            asked = "".join(f", {note}" for note in getattr(raised.value, "__notes__", [])[:1])
            return as_crash(replace(at, found=f"{at.found.rstrip('.')}{asked}"))
        in_the_test = (entry for entry in raised.traceback if str(entry.path) == str(item.path))
        line = next(in_the_test, raised.traceback[-1]).lineno + 1
        file = f"{item.path.parent.parent.name}/{item.path.parent.name}/{item.path.name}"
        text = str(raised.value).strip().splitlines()
        return Finding(f"exercises/{file}", line, text[0] if text else raised.typename)


@contextmanager
def _remembering(client: Client) -> Iterator[None]:
    """Inside this context, an error names the request of the test client that caused it."""
    send, asked = client.generic, [""]

    def generic(method: str, path: str, data: Any = "", *rest: Any, **named: Any) -> Any:
        written = data.decode(errors="replace") if isinstance(data, bytes) else str(data)
        body = f" with {written[:120]}{'…' if len(written) > 120 else ''}" if written else ""
        asked[0] = f"asked {method} {path}{body}"
        return send(method, path, data, *rest, **named)

    client.generic = generic
    try:
        yield
    except Exception as error:
        error.add_note(asked[0])
        raise


class Crashes:
    """Runs failed tests again, and finds the crash behind an answer such as 400 `{"error": "'fee'"}`.

    A view that catches KeyError catches a misspelt key as well. The cause is an error that the learner's code did not
    raise itself and whose words appear in the test's message.
    """

    def __init__(self, first: Outcomes) -> None:
        self.project = first.project
        self.failed = {test: check for check, test in first.failed.items()}
        self.found: dict[str, Finding] = {}
        self._raised: dict[int, tuple[Exception, Finding]] = {}
        self._relative = cache(first.project.relative)

    def pytest_sessionstart(self) -> None:
        os.chdir(self.project.folder)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self.failed]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        self._raised.clear()
        before = sys.gettrace()
        sys.settrace(self._trace)
        try:
            yield
        except AssertionError as failure:
            said_by_test = str(failure)
            for error, at in self._raised.values():
                words = str(error)
                if len(words) >= FEWEST_LETTERS and (words in said_by_test or json.dumps(words)[1:-1] in said_by_test):
                    self.found[self.failed[item.nodeid]] = as_crash(at)
            raise
        finally:
            sys.settrace(before)

    def _trace(self, frame: FrameType, event: str, raised: Any) -> Any:
        file = frame.f_code.co_filename
        if not (name := self._relative(file)):
            return None
        if event == "exception" and id(raised[1]) not in self._raised:
            line = linecache.getline(file, frame.f_lineno).strip()
            if isinstance(raised[1], MISTAKES) and not line.startswith("raise"):
                self._raised[id(raised[1])] = raised[1], Finding(name, frame.f_lineno, said(raised[1]))
        return self._trace


@pytest.fixture(scope="session")
def project_dir() -> Path:
    """The folder under test, for the few tests that read files instead of answers."""
    return Path.cwd()


@pytest.fixture(scope="session")
def as_at_start(pytestconfig: pytest.Config) -> Callable[[str], Iterator[tuple[str, Any, Any]]]:
    """Asks the project the questions of a section; yields each with the project's answer and that of start/."""
    folder = pytestconfig.invocation_params.dir.parent
    sections = jobs.load(folder, oracle.CONVERSATION).SECTIONS
    at_start = oracle.answers(folder)

    @cache
    def asked(section: str) -> list[tuple[str, Any]]:
        client = Client()
        with _remembering(client):
            return [(question, json.loads(json.dumps(answer))) for question, answer in sections[section](client)]

    def ask(section: str) -> Iterator[tuple[str, Any, Any]]:
        for (question, now), (_, then) in zip(asked(section), at_start[section], strict=True):
            yield question, now, then

    return ask


def play(folder: Path, plugin: object) -> int:
    """Runs the behaviour tests of an exercise in this process, with a plugin that sees their outcomes.

    No file of the learner's decides what runs. pytest reads `[` in an argument as the parameters of a test, and `$` in
    its root folder as a variable. So both folders are named by a dot, which works for any path of the repository.
    """
    with_django = ["-p", "pytest_django.plugin"] if os.environ.get("DJANGO_SETTINGS_MODULE") else []
    ini = str(Path(__file__).with_name("pytest.ini"))
    os.chdir(folder / "checks")
    return int(pytest.main(["-q", "-c", ini, "--rootdir=.", *with_django, "-p", __name__, "."], plugins=[plugin]))
