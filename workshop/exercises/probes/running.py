"""The learner's code under special conditions: without Django, HTTP or the database, or ended between two lines.

Each architecture check has a process of its own, so these functions may change the whole process.
"""

import importlib
import inspect
import socket
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, FrameType, ModuleType
from typing import Any
from unittest.mock import patch

from workshop.exercises.findings import Finding, Project, said, where_raised


class NotHere(ImportError):
    """The code imported a module that it must not need."""


class Crash(BaseException):
    """The process ends here, as far as the code can tell: `except Exception` does not stop it."""


class _Absent(MetaPathFinder):
    def __init__(self, packages: Sequence[str]) -> None:
        self.packages = set(packages)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name.split(".")[0] in self.packages:
            raise NotHere(f"{name} is not installed in this check")
        return None


@contextmanager
def without(*packages: str) -> Iterator[None]:
    """Inside this context, these packages cannot be imported: without("django", "rest_framework")."""
    with unloaded(packages), patch.object(sys, "meta_path", [_Absent(packages), *sys.meta_path]):
        yield


@contextmanager
def unloaded(packages: Collection[str]) -> Iterator[None]:
    """Inside this context, these packages are not loaded yet. Afterwards, they are as before."""
    taken = {name: module for name, module in sys.modules.items() if name.split(".")[0] in packages}
    for name in taken:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.modules.update(taken)


@contextmanager
def without_network() -> Iterator[None]:
    """Inside this context, no socket connects."""

    def refuse(*_: object, **__: object) -> None:
        raise NotHere("the code opened a network connection, but in this check there is no network")

    with patch.object(socket.socket, "connect", refuse):
        yield


@contextmanager
def without_http() -> Iterator[None]:
    """Inside this context, no request and no response can be made. Needs Django, and changes its classes."""
    from django.core.handlers.asgi import ASGIRequest
    from django.core.handlers.wsgi import WSGIRequest
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    def refuse(made: object, *_: object, **__: object) -> None:
        raise NotHere(f"makes a {type(made).__name__}, but in this check there is no HTTP")

    with ExitStack() as refused:
        for kind in (HttpRequest, WSGIRequest, ASGIRequest, HttpResponseBase):
            refused.enter_context(patch.object(kind, "__init__", refuse))
        yield


def start_django() -> None:
    """Loads the project's settings and models, for a probe that needs them."""
    import django

    django.setup()


def load(project: Project, module: str) -> ModuleType | Finding:
    """The learner's module, or the line that kept it from loading."""
    at = Finding(f"{module.replace('.', '/')}.py", 0, "")
    loaded, problem = attempt(project, at, partial(importlib.import_module, module))
    return problem or loaded


def attempt(project: Project, at: Finding, call: Callable[[], Any]) -> tuple[Any, Finding | None]:
    """The result of a call, or the line of the project that raised. `at` is the place for errors from other code."""
    try:
        return call(), None
    except Exception as error:
        return None, where_raised(error, project) or Finding(at.file, at.line, said(error))


def code_of(function: Any) -> CodeType | None:
    """The code that runs when something is called: a function, decorated or not, a method, an object. None for C."""
    while True:
        function = inspect.unwrap(function)
        if isinstance(function, partial):
            function = function.func
        elif inspect.ismethod(function):
            function = function.__func__
        else:
            break
    if not hasattr(function, "__code__"):
        members = vars(function if isinstance(function, type) else type(function))
        called = members.get("__init__" if isinstance(function, type) else "__call__", function)
        function = inspect.unwrap(called)
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


@contextmanager
def calls(code: CodeType) -> Iterator[list[CodeType]]:
    """Inside this context, collects every call of this code by this thread, under any name."""
    found: list[CodeType] = []

    def look(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code is code:
            found.append(code)

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield found
    finally:
        sys.setprofile(before)


def crash() -> None:
    """For `at_each_line`: the process ends here."""
    raise Crash


def at_each_line(
    project: Project,
    place: str,
    call: Callable[[], Any],
    happens: Callable[[], Any],
    but: Collection[str] = (),
    most: int = 400,
) -> Iterator[Finding]:
    """Repeats a call, and lets something happen before one of its lines, one line later each time.

    The lines belong to a file, or to all files below a folder, except those in `but`. After each call, the line is
    yielded. The series ends when a call completes without reaching a new line. A call may end in a Crash.
    """
    root = str((project.folder / place).resolve())
    left_out = {str((project.folder / file).resolve()) for file in but}
    lines = 0
    reached: list[Finding] = []

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        path = frame.f_code.co_filename
        if path in left_out or not (path == root or path.startswith(f"{root}/")):
            return None
        if event == "line":
            lines += 1
            if lines == allowed + 1:
                reached.append(Finding(project.relative(path) or "", frame.f_lineno, ""))
                happens()
        return trace

    for allowed in range(most):
        lines = 0
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            with suppress(Crash):
                call()
        finally:
            sys.settrace(before)
        if len(reached) <= allowed:
            return
        yield reached[-1]
