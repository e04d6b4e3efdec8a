"""Records which of a stage's functions call which, and what they ask of the database. Standard library only.

A call is recorded if its function is in clients/, webhooks/ or config/. plumbing/ is the same at every stage, so only
the call into it is recorded, and what it calls back. The work of a thread is recorded under the call that handed it in,
and the tracer waits for it. So a recording does not depend on how fast the machine is. It has no id, time or line
number of a call: two recordings are equal, and a comment more in a file changes none.
"""

import ast
import re
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from workshop.harness.inside.statements import FRAME

RINGS = ("clients", "config", "plumbing", "webhooks")
FRAMEWORK = ("django", "rest_framework")
DISPATCHER = "/django/dispatch/"
CONNECTION = "BaseDatabaseWrapper."
# How a clock is read and a number drawn, as CPython's own functions are called.
OUTSIDE = {
    *(("time", name) for name in ("time", "time_ns", "monotonic", "perf_counter")),
    *(("posix", "urandom"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today")),
    *(("Random", name) for name in ("random", "getrandbits")),
}
GENERATOR, OPTIMIZED = 0x20, 0x1  # of co_flags: a class body has no OPTIMIZED
LONG_LIST = re.compile(r"SELECT (?!.{0,60} FROM)(DISTINCT )?.+? FROM")
LONGEST = 240


@dataclass
class Statement:
    """What went to the database, and the line that asked for it, counted from its function's own line."""

    text: str
    line: int | None


@dataclass
class Call:
    """A call of a stage's function. `is_pure`: neither it nor what it called met Django, SQL, a clock or a random number."""

    file: str
    name: str
    is_pure: bool = True
    by_signal: bool = False
    in_thread: bool = False
    inner: list["Call | Statement"] = field(default_factory=list)


@dataclass
class Level:
    """A call that has not returned, with its frame."""

    call: Call
    frame: FrameType | None = None


class Tracer:
    """`with tracer.recording() as found:` fills the list with what the block's calls are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[CodeType, str] = {}
        self._with_django: dict[str, bool] = {}
        self._resumed: dict[FrameType, Call] = {}
        self._here = threading.local()

    @contextmanager
    def recording(self) -> Iterator[list[Call | Statement]]:
        from django.db import connection

        root = Call("", "")
        original = ThreadPoolExecutor.submit
        ThreadPoolExecutor.submit = self._submitting(original)  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(self._executing), self._watching(root):
                yield root.inner
        finally:
            ThreadPoolExecutor.submit = original  # type: ignore[method-assign]
            self._resumed.clear()

    @contextmanager
    def _watching(self, root: Call) -> Iterator[None]:
        """Notes in `root` the calls that this thread makes in the block."""
        self._here.levels = [Level(root)]
        sys.setprofile(self._event)
        try:
            yield
        finally:
            sys.setprofile(None)

    def _event(self, frame: FrameType, event: str, argument: Any) -> None:
        levels: list[Level] = self._here.levels
        if event == "call":
            self._called(frame, levels)
        elif event == "return" and levels[-1].frame is frame:
            ended = levels.pop().call
            levels[-1].call.is_pure &= ended.is_pure
        elif event == "c_call":
            owner = getattr(argument, "__self__", None)
            owner = getattr(owner, "__name__", type(owner).__name__)
            if (owner, argument.__name__) in OUTSIDE:
                levels[-1].call.is_pure = False

    def _called(self, frame: FrameType, levels: list[Level]) -> None:
        code = frame.f_code
        file = self._files.get(code)
        if file is None:
            file = self._files[code] = self._file_of(code)
        if file in FRAMEWORK:
            levels[-1].call.is_pure = False
            if code.co_qualname.startswith(CONNECTION):
                self._transaction(code.co_name, frame, levels)
        elif file and (frame in self._resumed or not self._is_inner(file, levels)):
            call = self._resumed.get(frame)
            if call is None:
                caller = frame.f_back.f_code.co_filename if frame.f_back else ""
                call = Call(file, code.co_qualname, not self._has_django(file), DISPATCHER in caller)
                levels[-1].call.inner.append(call)
                if code.co_flags & GENERATOR:
                    self._resumed[frame] = call
            levels.append(Level(call, frame))

    def _file_of(self, code: CodeType) -> str:
        """The file in the stage, the name of the framework, or nothing for what is not recorded."""
        path = Path(code.co_filename)
        if self.folder in path.parents:
            inside = path.relative_to(self.folder)
            is_function = code.co_flags & OPTIMIZED and not code.co_name.startswith("<")
            return inside.as_posix() if is_function and inside.parts[0] in RINGS else ""
        return next((name for name in FRAMEWORK if f"/{name}/" in code.co_filename), "")

    @staticmethod
    def _is_inner(file: str, levels: list[Level]) -> bool:
        """Whether plumbing/ calls itself."""
        return file.startswith("plumbing/") and levels[-1].call.file.startswith("plumbing/")

    def _has_django(self, file: str) -> bool:
        """Whether a module needs Django to be imported, itself or through what it imports from the stage."""
        if file not in self._with_django:
            self._with_django[file] = False  # a circle adds nothing
            tree = ast.parse((self.folder / file).read_text(encoding="utf-8"))
            modules = set(_imported(tree, file))
            found = any(module.split(".")[0] in FRAMEWORK for module in modules)
            inner = [path for module in modules for path in self._paths(module)]
            self._with_django[file] = found or any(self._has_django(path) for path in inner)
        return self._with_django[file]

    def _paths(self, module: str) -> list[str]:
        path = module.replace(".", "/")
        return [name for name in (f"{path}.py", f"{path}/__init__.py") if (self.folder / name).is_file()]

    def _transaction(self, name: str, frame: FrameType, levels: list[Level]) -> None:
        if name == "set_autocommit" and not frame.f_locals["autocommit"]:
            self._asked("BEGIN", levels[-1])
        elif name in ("commit", "rollback"):
            self._asked(name.upper(), levels[-1])

    def _executing(self, execute: Callable[..., Any], sql: Any, *others: Any) -> Any:
        text = str(sql).lstrip()
        if not text.upper().startswith("BEGIN"):  # `_transaction` sees it on every database
            self._asked(text.split()[0] if text.upper().startswith(FRAME) else shortened(text), self._here.levels[-1])
        return execute(sql, *others)

    @staticmethod
    def _asked(text: str, level: Level) -> None:
        line = level.frame.f_lineno - level.frame.f_code.co_firstlineno if level.frame else None
        level.call.inner.append(Statement(text, line))
        level.call.is_pure = False

    def _submitting(self, original: Callable[..., "Future[Any]"]) -> Callable[..., "Future[Any]"]:
        def submit(pool: ThreadPoolExecutor, work: Callable[..., Any], /, *given: Any, **named: Any) -> "Future[Any]":
            handed_in = self._here.levels[-1].call

            def traced() -> Any:
                branch = Call("", "")
                try:
                    with self._watching(branch):
                        return work(*given, **named)
                finally:
                    for found in branch.inner:
                        if isinstance(found, Call):
                            found.in_thread = True
                    handed_in.inner.extend(branch.inner)
                    handed_in.is_pure &= branch.is_pure

            future = original(pool, traced)
            wait([future])
            return future

        return submit


def _imported(tree: ast.Module, file: str) -> Iterator[str]:
    """The names of all modules that a module may import, relative ones in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = file.split("/")[: -node.level] if node.level else []
            module = ".".join([*package, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def shortened(sql: str) -> str:
    """A statement as a person reads it: no quotes, no lists of columns, a lone table named once."""
    text = re.sub(r"\s+", " ", sql.replace('"', "")).strip()
    text = text.replace(" = NULL", " = %s")  # one release of Django writes the null, another hands it in
    text = LONG_LIST.sub(r"SELECT \1… FROM", text)
    text = re.sub(r"(SELECT )%s AS a\b|(COUNT\(\*\)) AS \w+", lambda found: found[2] or "SELECT 1", text)
    if inserted := re.match(r"(INSERT .*?INTO \w+) \((.*?)\) VALUES (.*)", text):
        columns, rows = inserted[2].count(",") + 1, inserted[3].count("), (") + 1
        text = f"{inserted[1]}: {columns} columns, {rows} {'row' if rows == 1 else 'rows'}"
    tables = set(re.findall(r"(?:FROM|INTO|UPDATE|JOIN) (\w+)", text))
    if len(tables) == 1:
        text = text.replace(f"{tables.pop()}.", "")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
