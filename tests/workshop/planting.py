"""Runs in a stage's folder, as a process of its own: for each rule it plants the mistake and runs the rule's test.

The job comes as JSON on stdin: `[{"path", "right", "wrong", "test"}, …]`. For each a line on stdout says pytest's exit
code with the mistake; without `wrong` nothing is planted. What takes long to import is imported once, before the forks.
"""

import importlib
import json
import os
import sys
from pathlib import Path

from _pytest.config import default_plugins

from workshop.maintaining.kill_rate.trials import AT_ONCE, BEHIND_WALLS, Plant

PYTESTS = [f"_pytest.{name}" for name in (*default_plugins, "assertion.rewrite", "pathlib")]
OPTIONS = ["-ptests.walls", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore", "-x"]


class Written(Plant):
    """Finds one module with other text in it."""

    def __init__(self, path: str, right: str, wrong: str) -> None:
        self._path = Path(path).resolve()
        self._name, self._package = ".".join(Path(path).with_suffix("").parts), False
        source = self._path.read_text(encoding="utf-8").replace(right, wrong)
        self._code = compile(source, str(self._path), "exec")


def started(rule: dict[str, str]) -> int:
    """The process id of a fork that ends with pytest's exit code for the rule's test."""
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        silence = os.open(os.devnull, os.O_RDWR)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        if "wrong" in rule:
            sys.meta_path.insert(0, Written(rule["path"], rule["right"], rule["wrong"]))
        import pytest

        code = int(pytest.main([*OPTIONS, *rule["test"].split()]))
    finally:
        os._exit(code)


def ended(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def main() -> None:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for package in (*BEHIND_WALLS, *PYTESTS):
        importlib.import_module(package)
    running: list[int] = []
    for rule in json.loads(sys.stdin.read()):
        if len(running) == AT_ONCE:
            print(ended(running.pop(0)), flush=True)
        running.append(started(rule))
    for process in running:
        print(ended(process), flush=True)


if __name__ == "__main__":
    main()
