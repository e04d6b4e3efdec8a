"""Plays the scenario and notes for every SQL statement the lines of the stage that issued it."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from workshop.harness.inside.scenario import Server, clients_listening, play

# Statements of transactions; only some databases get these as statements.
FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET CONSTRAINTS")
TABLE = re.compile(r'(?:FROM|INTO|UPDATE)\s+"(\w+)"')


@dataclass(frozen=True)
class Statement:
    """A statement of the application: its verb, its first table, and the stage's lines on the stack, innermost first."""

    verb: str
    table: str
    stack: tuple[str, ...]


class Notebook:
    """Keeps each statement once for each call stack."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: set[Statement] = set()

    def __call__(self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        text = str(sql).lstrip().upper()
        if not text.startswith(FRAME):
            table = TABLE.search(str(sql))
            stack = lines_of(sys._getframe(1), self.folder)
            self.found.add(Statement(text.split()[0], table[1] if table else "", stack))
        return execute(sql, parameters, many, context)


def lines_of(frame: FrameType | None, folder: Path) -> tuple[str, ...]:
    """`file:line` of every frame whose code is in the folder, innermost first.

    The list ends at the view: the middleware around it issues no statement.
    """
    found = []
    while frame is not None and frame.f_code.co_name != "_get_response":
        path = Path(frame.f_code.co_filename)
        if folder in path.parents and path.name != "manage.py":
            found.append(f"{path.relative_to(folder).as_posix()}:{frame.f_lineno}")
        frame = frame.f_back
    return tuple(found)


def main() -> None:
    server = Server()
    from django.db import connection

    notebook = Notebook(Path.cwd())
    with clients_listening() as receiver, connection.execute_wrapper(notebook):
        play(server, receiver)
    print(json.dumps([asdict(statement) for statement in notebook.found]))


if __name__ == "__main__":
    main()
