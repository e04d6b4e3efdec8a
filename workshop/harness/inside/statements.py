"""Plays the scenario and notes for every SQL statement the lines of the stage that issued it."""

import json
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from workshop.harness.inside.scenario import Server, clients_listening, play

# Statements of transactions; only some databases get these as statements.
FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET CONSTRAINTS")
TABLE = re.compile(r'(?:FROM|INTO|UPDATE)\s+"(\w+)"')


class Notebook:
    """Keeps each statement once: its verb, its first table, and the stage's lines on the stack, innermost first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: set[tuple[str, str, tuple[str, ...]]] = set()

    def __call__(self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        text = str(sql).lstrip().upper()
        if not text.startswith(FRAME):
            table = TABLE.search(str(sql))
            stack = tuple(f"{file}:{line}" for file, _, line in stack_of(sys._getframe(1), self.folder))
            self.found.add((text.split()[0], table[1] if table else "", stack))
        return execute(sql, parameters, many, context)


def stack_of(frame: FrameType | None, folder: Path) -> Iterator[tuple[str, str, int]]:
    """File, function and line of every frame whose code is in the folder, innermost first.

    The stack ends at the view: the middleware around it contains no rule and issues no statement.
    """
    for inner, line in traceback.walk_stack(frame):
        path, function = Path(inner.f_code.co_filename), inner.f_code.co_name
        if function == "_get_response":
            return
        if folder in path.parents and path.name != "manage.py":
            yield path.relative_to(folder).as_posix(), function, line


def places(statements: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The number of lines that send SQL, by package: each folder of adapters, and each file next to the layers.

    A line counts once, with any number of statements. The statements of Django itself, for a session or a list of the
    admin, have no line in the stage and do not count.
    """
    lines = {statement["stack"][0] for statement in statements if statement["stack"]}
    return dict(sorted(Counter(package_of(line.partition(":")[0]) for line in lines).items()))


def package_of(path: str) -> str:
    """`webhooks/adapters/orm` for a file in it, `webhooks/views.py` for that file, `clients` for all of clients/."""
    ring, *inner = path.split("/")
    if ring != "webhooks":
        return ring
    return "/".join([ring, *inner[: 2 if inner[0] == "adapters" else 1]])


def main() -> None:
    server = Server()
    from django.db import connection

    notebook = Notebook(Path.cwd())
    with clients_listening() as receiver, connection.execute_wrapper(notebook):
        play(server, receiver)
    print(json.dumps([{"verb": verb, "table": table, "stack": stack} for verb, table, stack in notebook.found]))


if __name__ == "__main__":
    main()
