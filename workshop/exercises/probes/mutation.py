"""The learner's own tests, run on the code as it is and on copies with one mistake each."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project

SECONDS_A_RUN = 8
OPTIONS = ("-q", "-x", "-c", os.devnull, "-p", "no:cacheprovider", "--import-mode=importlib")
TESTS_FAILED = 1  # pytest's exit code; others but 0 mean that it could not run them


def survivors(project: Project, tests: str, mistakes: Path) -> Iterator[Finding]:
    """Mistakes that the learner's tests do not notice. `mistakes` holds a folder for each, with the files that differ.

    Tests that fail on the code as it is, or that are not there, are the first finding, and the only one.
    """
    with tempfile.TemporaryDirectory(prefix="mistakes-") as scratch:
        planted = {folder.name: folder for folder in sorted(mistakes.iterdir()) if folder.is_dir()}
        copies = {name: _copy(project, Path(scratch) / name, folder) for name, folder in planted.items()}
        runs = {"": _start(_copy(project, Path(scratch) / "as-it-is", None), tests)}
        runs |= {name: _start(copy, tests) for name, copy in copies.items()}
        codes = _codes(runs)
    if codes.pop("") != 0:
        yield Finding(tests, 0, "these tests fail, or there are none, on the code as it is")
        return
    for name, code in codes.items():
        if code != TESTS_FAILED:
            yield Finding(tests, 0, f"nobody noticed the mistake {name.replace('-', ' ')!r}")


def _copy(project: Project, target: Path, mistake: Path | None) -> Path:
    for name in trees.files(project.folder):
        trees.copy(project.folder / name, target / name)
    if mistake:
        for name in trees.files(mistake):
            trees.copy(mistake / name, target / name)
    return target


def _start(folder: Path, tests: str) -> int:
    """Forks, because this process has loaded pytest and Django already; returns the child's id."""
    pid = os.fork()
    if pid:
        return pid
    code = 3  # pytest's own for an internal error
    try:
        sys.path.insert(0, str(folder))
        sys.dont_write_bytecode = True
        os.chdir(folder)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        import pytest

        with_django = ["-p", "pytest_django.plugin"] if os.environ.get("DJANGO_SETTINGS_MODULE") else []
        code = int(pytest.main([*OPTIONS, *with_django, f"--rootdir={folder}", f"--confcutdir={folder}", tests]))
    finally:
        os._exit(code)


def _codes(runs: Mapping[str, int]) -> dict[str, int | None]:
    """How each run ended; None for one that did not, and was ended here."""
    codes: dict[str, int | None] = {}
    deadline = time.monotonic() + SECONDS_A_RUN
    for name, pid in runs.items():
        while not (ended := os.waitpid(pid, os.WNOHANG))[0] and time.monotonic() < deadline:
            time.sleep(0.01)
        if not ended[0]:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        codes[name] = os.waitstatus_to_exitcode(ended[1]) if ended[0] else None
    return codes
