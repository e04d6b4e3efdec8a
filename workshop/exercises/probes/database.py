"""The learner's code on the check's own database: which code writes, and what remains after a crash between two writes.

The database is SQLite in memory, made by the project's migrations. Each architecture check has a process of its own, so
the patches are never removed.
"""

import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import CodeType
from typing import Any

from workshop.exercises.findings import Finding, Project, running_lines
from workshop.exercises.probes.running import Crash

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
READS = re.compile(r"\s*SELECT\b", re.IGNORECASE)
TABLE = re.compile(r'(?:INTO|UPDATE|FROM)\s+"(\w+)"', re.IGNORECASE)


@dataclass(frozen=True)
class Write:
    """One writing statement: its table, and the project's lines on the call stack, the outermost first.

    `inside` says whether the watched code is on the call stack.
    """

    table: str
    through: tuple[Finding, ...]
    inside: bool = False


@dataclass(frozen=True)
class Left:
    """The traces of an interrupted call: the line before which it ended, and the models whose rows had changed."""

    at: Finding
    changed: tuple[str, ...]


def make() -> None:
    """Starts Django on a new, empty database, as Django's tests do."""
    import django
    from django.test.utils import setup_databases, setup_test_environment

    django.setup()
    setup_test_environment(debug=False)
    setup_databases(verbosity=0, interactive=False, serialized_aliases=set())


def clear() -> None:
    """Empties every table and starts the primary keys at 1 again."""
    from django.core.management import call_command

    call_command("flush", verbosity=0, interactive=False)


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every model's rows, by the model's name."""
    from django.apps import apps

    return {model.__name__: sorted(model._base_manager.values_list(), key=repr) for model in apps.get_models()}


@contextmanager
def writes(project: Project, code: CodeType | None = None) -> Iterator[list[Write]]:
    """Collects every write inside this context, and whether the watched code, such as a use case, was running."""
    found: list[Write] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        if WRITES.match(sql):
            table = TABLE.search(sql)
            through = tuple(Finding(*place, "") for place in reversed(running_lines(project)))
            inside = any(frame.f_code is code for frame, _ in traceback.walk_stack(sys._getframe()))
            found.append(Write(table[1] if table else "", through, inside))
        return execute(sql, *rest)

    with _wrapped(note):
        yield found


@contextmanager
def meanwhile(change: Callable[[], None]) -> Iterator[None]:
    """Inside this context, another process acts each time after this process has read."""
    busy = False

    def interrupt(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal busy
        result = execute(sql, *rest)
        if READS.match(sql) and not busy:
            busy = True
            try:
                change()
            finally:
                busy = False
        return result

    with _wrapped(interrupt):
        yield


def crashes(project: Project, given: Callable[[], Any], call: Callable[[], Any], most: int = 50) -> Iterator[Left]:
    """Repeats a call and ends it before a write, one write later each time. Yields the traces that each call left.

    The call cannot write anything after that either: a killed process cannot clean up.

    Before each call the database is emptied and `given` fills it. The series ends when a call completes.
    """
    writes = 0
    ended: list[Finding] = []

    def end(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal writes
        if WRITES.match(sql):
            writes += 1
            if writes == allowed + 1:
                ended.append(Finding(*next(iter(running_lines(project)), ("manage.py", 0)), ""))
            if writes > allowed:
                raise Crash(sql)
        return execute(sql, *rest)

    for allowed in range(most):
        clear()
        given()
        before = rows()
        writes = 0
        with _wrapped(end), suppress(Crash):
            call()
        if len(ended) <= allowed:
            return
        after = rows()
        yield Left(ended[-1], tuple(name for name in before if after[name] != before[name]))


@contextmanager
def _wrapped(wrapper: Callable[..., Any]) -> Iterator[None]:
    from django.db import connection

    with connection.execute_wrapper(wrapper):
        yield
