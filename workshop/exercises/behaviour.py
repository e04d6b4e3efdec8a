"""A pytest plugin: an exercise's behaviour tests against the folder that --project-dir names.

Each test says with `@pytest.mark.check("id")` which check of exercise.toml it belongs to. By hand:

    PYTHONPATH=work DJANGO_SETTINGS_MODULE=config.settings \
        python -m pytest -c workshop/exercises/pytest.ini -p workshop.exercises.behaviour --project-dir=work \
        exercises/04-untangle-the-fees/checks
"""

import json
import linecache
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
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
        if not isinstance(raised.value, (AssertionError, pytest.fail.Exception)):
            return self._crash(raised.value)
        asked = raised.traceback[-1]
        for entry in raised.traceback:
            if str(entry.path) == str(item.path):
                asked = entry
                break
        file = f"{item.path.parent.parent.name}/{item.path.parent.name}/{item.path.name}"
        text = str(raised.value).strip().splitlines()
        return Finding(f"exercises/{file}", asked.lineno + 1, text[0] if text else raised.typename)

    def _crash(self, error: BaseException) -> Finding:
        """An error that no test expects: at the learner's line, or without a place if it passed through none."""
        at = where_raised(error, self.project) or Finding("", 0, said(error))
        asked = "".join(f", {note}" for note in getattr(error, "__notes__", [])[:1])
        return as_crash(replace(at, found=f"{at.found.rstrip('.')}{asked}"))


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
        self._files: dict[str, str | None] = {}

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
        if file not in self._files:
            self._files[file] = self.project.relative(file)
        if not (name := self._files[file]):
            return None
        if event == "exception" and id(raised[1]) not in self._raised:
            line = linecache.getline(file, frame.f_lineno).strip()
            if isinstance(raised[1], MISTAKES) and not line.startswith("raise"):
                self._raised[id(raised[1])] = raised[1], Finding(name, frame.f_lineno, said(raised[1]))
        return self._trace


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--project-dir", help="the folder under test: start/, a copy with a solution, or work/")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "check(id): the check of exercise.toml that the test belongs to")
    folder = config.getoption("--project-dir")
    if not folder:
        raise pytest.UsageError("--project-dir=FOLDER says which folder to test")
    resolved = str(Path(folder).resolve())
    if resolved not in sys.path:
        sys.path.insert(0, resolved)


@pytest.fixture(scope="session")
def project_dir(pytestconfig: pytest.Config) -> Path:
    """The folder under test, for the few tests that read files instead of answers."""
    return Path(pytestconfig.getoption("--project-dir")).resolve()


class Answers:
    """The answers of start/ and of the project, by section: asked once, for any number of tests."""

    def __init__(self) -> None:
        self.then: oracle.Answers = {}
        self.now: dict[str, list[tuple[str, Any]]] = {}


@pytest.fixture(scope="session")
def answers() -> Answers:
    return Answers()


@pytest.fixture
def as_at_start(request: pytest.FixtureRequest, answers: Answers) -> Callable[[str], Iterator[tuple[str, Any, Any]]]:
    """Asks the project the questions of a section; yields each with the project's answer and that of start/."""
    folder = request.path.parent.parent
    if not answers.then:
        answers.then = oracle.answers(folder, os.environ["DJANGO_SETTINGS_MODULE"])
    sections = jobs.load(folder, oracle.CONVERSATION).SECTIONS

    def ask(section: str) -> Iterator[tuple[str, Any, Any]]:
        if section not in answers.now:
            client = Client()
            with _remembering(client):
                answers.now[section] = list(oracle.held(sections[section], client))
        for (question, now), (_, then) in zip(answers.now[section], answers.then[section], strict=True):
            yield question, now, then

    return ask


def arguments(project: Path) -> list[str]:
    """pytest's arguments for a run inside the warm process, started in the folder `checks`.

    No file of the learner's decides what runs. pytest reads `[` in an argument as the parameters of a test, and `$` in
    its root folder as a variable. So both folders are named by a dot, which works for any path of the repository.
    """
    ini = Path(__file__).with_name("pytest.ini")
    plugins = ["workshop.exercises.behaviour"]
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        plugins.insert(0, "pytest_django.plugin")
    loaded = [option for plugin in plugins for option in ("-p", plugin)]
    return ["-q", "-c", str(ini), "--rootdir=.", *loaded, f"--project-dir={project}", "."]
