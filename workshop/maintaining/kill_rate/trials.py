"""A process in a stage's folder that plants one mistake in each of many forks and runs the tests there.

`python -m workshop.maintaining.kill_rate.trials` reads a job from stdin and writes a line of JSON for every verdict.
Slow packages are imported once, before the forks. The stage is not, so that each fork imports it with its mistake.
"""

import importlib
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from workshop.maintaining.kill_rate.lookout import Lookout, Pick
from workshop.maintaining.kill_rate.mutate import Mutant, planted

AT_ONCE = 2
SECONDS = float(os.environ.get("KILL_RATE_SECONDS", "60"))  # a mistake that makes a test hang counts as noticed
WALLS = "-ptests.walls"
BEHIND_WALLS = ("pytest", "defusedxml.ElementTree", "iso4217", "jsonschema.validators", "structlog", "zoneinfo")
WITH_DJANGO = ("celery", "cryptography.fernet", "django.core.management", "django.db.models", "ulid", "urllib3")
SURVIVED, NO_TESTS = 0, 5  # pytest's exit codes


class Mistaken(SourceFileLoader):
    """Loads a module from code that is not in its file."""

    def __init__(self, fullname: str, path: str, code: CodeType) -> None:
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


class Plant(MetaPathFinder):
    """Finds one module, with a mistake in it, and leaves all other modules to Python's own finders."""

    def __init__(self, mutant: Mutant) -> None:
        parts = Path(mutant.path).with_suffix("").parts
        self._package = parts[-1] == "__init__"
        self._name = ".".join(parts[:-1] if self._package else parts)
        self._path = Path(mutant.path).resolve()
        self._code = planted(mutant, self._path.read_text(encoding="utf-8"), str(self._path))

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        loader = Mistaken(fullname, str(self._path), self._code)
        inside = [str(self._path.parent)] if self._package else None
        return spec_from_file_location(fullname, self._path, loader=loader, submodule_search_locations=inside)


def survey(job: dict[str, Any]) -> dict[str, Any]:
    """Every test of the side with the lines that it runs, measured on the unchanged stage."""
    with tempfile.NamedTemporaryFile(suffix=".json") as notes:
        path = Path(notes.name)
        unwalled = [
            option for option in job["options"] if option != WALLS
        ]  # the measuring code itself needs a database

        def run() -> int:
            return _pytest(job | {"options": unwalled}, Lookout(path, job["modules"]))

        code = _wait(_forked(run, aloud=True), time.monotonic() + 20 * SECONDS)
        found: dict[str, Any] = json.loads(path.read_text() or "{}")
    if code != SURVIVED:
        raise SystemExit(f"The tests fail on the unchanged stage (pytest ended with {code}). Fix that first.")
    return found


def verdicts(job: dict[str, Any], found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The fate of each mutant, as soon as it is known."""
    waiting = [(number, Mutant(**mutant)) for number, mutant in enumerate(job["mutants"])]
    running: dict[int, tuple[int, Mutant, list[list[str]], float]] = {}
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            number, mutant = waiting.pop(0)
            rounds = _rounds(mutant, found)
            if not rounds:
                yield {"mutant": number, "killed_without_database": False, "killed": False}
                continue
            running[_start(job, mutant, rounds[0])] = number, mutant, rounds, time.monotonic() + SECONDS
        for process, (number, mutant, rounds, ends_at) in list(running.items()):
            code = _code_of(process, ends_at)
            if code is None:
                continue
            del running[process]
            killed, first = code not in (SURVIVED, NO_TESTS), rounds[0]
            without = killed and not any(found["tests"][test]["needs_database"] for test in first)
            if killed or len(rounds) == 1:
                yield {"mutant": number, "killed_without_database": without, "killed": killed}
            else:
                running[_start(job, mutant, rounds[1])] = number, mutant, rounds[1:], time.monotonic() + SECONDS
        time.sleep(0.005)


def _rounds(mutant: Mutant, found: dict[str, Any]) -> list[list[str]]:
    """The tests that may notice: first those without a database, then the others, the quickest of each first.

    These are the tests that run the mutant's statement, or all tests if the statement runs on import.
    """
    tests, lines = found["tests"], found["lines"].get(mutant.path, {})
    first, last = mutant.lines
    through = {test for line in range(first, last + 1) for test in lines.get(str(line), ())}
    ordered = sorted(tests if "" in through else through, key=lambda test: float(tests[test]["seconds"]))
    without = [test for test in ordered if not tests[test]["needs_database"]]
    others = [test for test in ordered if tests[test]["needs_database"]]
    return [part for part in (without, others) if part]


def _start(job: dict[str, Any], mutant: Mutant, tests: list[str]) -> int:
    def run() -> int:
        sys.meta_path.insert(0, Plant(mutant))
        files = sorted({test.partition("::")[0] for test in tests})
        return _pytest(job | {"tests": files}, Pick(tests), "-x")

    return _forked(run)


def _pytest(job: dict[str, Any], plugin: object, *options: str) -> int:
    import pytest

    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", "-W", "ignore"]
    return int(pytest.main([*job["options"], *quiet, *options, *job["tests"]], plugins=[plugin]))


def _forked(run: Callable[[], int], *, aloud: bool = False) -> int:
    """The process id of a fork that runs this and ends with its code, in its own process group. Its output goes to
    stderr or nowhere, because stdout is for verdicts.
    """
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        os.setsid()
        silence = os.open(os.devnull, os.O_RDWR)
        for stream, target in ((0, silence), (1, 2 if aloud else silence), (2, 2 if aloud else silence)):
            os.dup2(target, stream)
        code = run()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _code_of(process: int, ends_at: float) -> int | None:
    """A fork's exit, or None while it runs. A fork over its time limit is killed and has failed."""
    done, status = os.waitpid(process, os.WNOHANG)
    if done:
        return os.waitstatus_to_exitcode(status)
    if time.monotonic() < ends_at:
        return None
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return -signal.SIGKILL


def _wait(process: int, ends_at: float) -> int:
    while (code := _code_of(process, ends_at)) is None:
        time.sleep(0.01)
    return code


def _preload(options: Sequence[str]) -> None:
    """Imports once what every fork needs. Behind walls, the forbidden packages are not imported."""
    for package in BEHIND_WALLS if WALLS in options else (*BEHIND_WALLS, *WITH_DJANGO):
        importlib.import_module(package)


def main() -> None:
    job = json.loads(sys.stdin.read())
    _preload(job["options"])
    found = survey(job)
    print(json.dumps({"tests": len(found["tests"])}), flush=True)
    for verdict in verdicts(job, found):
        print(json.dumps(verdict), flush=True)


if __name__ == "__main__":
    main()
