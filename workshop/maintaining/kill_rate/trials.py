"""A process in a stage's folder that plants one mistake in each of many forks and runs the tests there.

`python -m workshop.maintaining.kill_rate.trials` reads a job from stdin and writes a line of JSON for every verdict.
Slow packages are imported once, before the forks. The stage is not, so that each fork imports it with its mistake.
"""

import importlib
import json
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from workshop.maintaining.kill_rate.lookout import Lookout, Pick
from workshop.maintaining.kill_rate.mutate import Mutant, planted

AT_ONCE = 2
FORKS = multiprocessing.get_context("fork")  # a fork has the packages that its parent has imported
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
    # The measuring code itself needs a database.
    unwalled = job | {"options": [option for option in job["options"] if option != WALLS]}
    with tempfile.NamedTemporaryFile(suffix=".json") as notes:
        path = Path(notes.name)
        code = _forked(lambda: _pytest(unwalled, Lookout(path, job["modules"])), 20 * SECONDS, aloud=True)
        found: dict[str, Any] = json.loads(path.read_text() or "{}")
    if code != SURVIVED:
        raise SystemExit(f"The tests fail on the unchanged stage (pytest ended with {code}). Fix that first.")
    return found


def try_share(job: dict[str, Any], found: dict[str, Any], share: int) -> None:
    """Prints a line for every mutant of a share, as soon as its fate is known."""
    for number in range(share, len(job["mutants"]), AT_ONCE):
        mutant, killed, without = Mutant(**job["mutants"][number]), False, False
        for tests, need_database in rounds_of(mutant, found):
            code = _forked(partial(_try, job, mutant, tests), SECONDS)
            killed = code not in (SURVIVED, NO_TESTS)
            if killed:
                without = not need_database
                break
        print(json.dumps({"mutant": number, "killed_without_database": without, "killed": killed}), flush=True)


def rounds_of(mutant: Mutant, found: dict[str, Any]) -> list[tuple[list[str], bool]]:
    """The tests that may notice: first those without a database, then the others, the quickest of each first.

    These are the tests that run the mutant's statement, or all tests if the statement runs on import.
    """
    tests, lines = found["tests"], found["lines"].get(mutant.path, {})
    first, last = mutant.lines
    through = {test for line in range(first, last + 1) for test in lines.get(str(line), ())}
    ordered = sorted(tests if "" in through else through, key=lambda test: float(tests[test]["seconds"]))
    rounds = [([test for test in ordered if tests[test]["needs_database"] is need], need) for need in (False, True)]
    return [(chosen, need) for chosen, need in rounds if chosen]


def _try(job: dict[str, Any], mutant: Mutant, tests: list[str]) -> int:
    sys.meta_path.insert(0, Plant(mutant))
    files = sorted({test.partition("::")[0] for test in tests})
    return _pytest(job | {"tests": files}, Pick(tests), "-x")


def _pytest(job: dict[str, Any], plugin: object, *options: str) -> int:
    import pytest

    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", "-W", "ignore"]
    return int(pytest.main([*job["options"], *quiet, *options, *job["tests"]], plugins=[plugin]))


def _forked(run: Callable[[], int], seconds: float, *, aloud: bool = False) -> int | None:
    """The exit code of a fork that runs this; it is killed with all that it started if it takes longer.

    Its output goes to stderr or nowhere, because stdout is for verdicts.
    """

    def alone() -> None:
        os.setsid()
        silence = os.open(os.devnull, os.O_RDWR)
        for stream, target in ((0, silence), (1, 2 if aloud else silence), (2, 2 if aloud else silence)):
            os.dup2(target, stream)
        sys.exit(run())

    process = FORKS.Process(target=alone)
    process.start()
    process.join(seconds)
    with suppress(ProcessLookupError):
        os.killpg(process.ident or 0, signal.SIGKILL)
    process.join()
    return process.exitcode


def _preload(options: Sequence[str]) -> None:
    """Imports once what every fork needs. Behind walls, the forbidden packages are not imported."""
    for package in BEHIND_WALLS if WALLS in options else (*BEHIND_WALLS, *WITH_DJANGO):
        importlib.import_module(package)


def main() -> None:
    job = json.loads(sys.stdin.read())
    _preload(job["options"])
    found = survey(job)
    shares = [FORKS.Process(target=try_share, args=(job, found, share)) for share in range(AT_ONCE)]
    for process in shares:
        process.start()
    for process in shares:
        process.join()
    sys.exit(any(process.exitcode for process in shares))


if __name__ == "__main__":
    main()
