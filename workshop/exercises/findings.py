"""The findings of a check in a learner's folder, and the folder as a check sees it."""

import ast
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from workshop.base import leftovers
from workshop.exercises import trees

NUL = "null bytes"  # in Python's error for a file with NUL bytes


@dataclass(frozen=True)
class Finding:
    """One mistake and its place: a file relative to the project, and a line counted from 1 (0 without a line).

    `crashed` says that the learner's code raised an error that the check did not expect. Then the error is shown.
    """

    file: str
    line: int
    found: str
    crashed: bool = False

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Project:
    """The folder under check, and start/, from which it was made."""

    folder: Path
    start: Path

    def below(self, *places: str) -> list[str]:
        """The Python files at or below the given places; without places, all. Migrations and tests are not judged."""
        named = [PurePosixPath(name) for name in trees.files(self.folder) if name.endswith(".py")]
        judged = [path for path in named if not {"migrations", "tests"} & {*path.parts}]
        return [str(path) for path in judged if not places or any(map(path.is_relative_to, places))]

    def syntax(self, name: str) -> ast.Module:
        """A file's syntax tree. Raises SyntaxError with the file's whole path."""
        path = self.folder / name
        return ast.parse(path.read_bytes(), filename=str(path))

    def nodes(self, *places: str) -> Iterator[tuple[str, ast.AST]]:
        """Every syntax node below the places, with its file's name."""
        for name in self.below(*places):
            for node in ast.walk(self.syntax(name)):
                yield name, node

    def relative(self, path: str) -> str | None:
        """A path as relative to the project; None for one outside, in an environment, or for no file: `<frozen …>`."""
        resolved = Path(path).resolve()
        root = self.folder.resolve()
        if path.startswith("<") or not resolved.is_relative_to(root):
            return None
        relative = resolved.relative_to(root).as_posix()
        return None if leftovers.is_within_leftovers(relative, root) else relative


def running_lines(project: Project) -> list[tuple[str, int]]:
    """The lines of the project on the call stack, as file and line, the innermost first."""
    root = f"{project.folder.resolve()}/"
    stack = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_stack(sys._getframe())]
    return [(path.removeprefix(root), line) for path, line in stack if path.startswith(root)]


def where_raised(error: BaseException, project: Project) -> Finding | None:
    """The deepest line of the project in an exception's traceback; None if there is none."""
    name = said(error)
    if isinstance(error, (SyntaxError, ValueError)) and NUL in name and (zero := _first_nul(project)):
        return replace(zero, found=name)
    if isinstance(error, SyntaxError) and error.filename and (file := project.relative(error.filename)):
        return Finding(file, error.lineno or 0, name)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if file := project.relative(frame.filename):
            return Finding(file, frame.lineno or 0, name)
    return None


def _first_nul(project: Project) -> Finding | None:
    """The line with a NUL byte. Python cannot read such a file, and its error names neither the byte nor the line."""
    for name in (name for name in trees.files(project.folder) if name.endswith(".py")):
        before, nul, _ = (project.folder / name).read_bytes().partition(b"\0")
        if nul:
            return Finding(name, before.count(b"\n") + 1, "")
    return None


def as_crash(finding: Finding) -> Finding:
    """The same place, shown as an error in the learner's code instead of a broken rule."""
    return replace(finding, crashed=True)


def said(error: BaseException) -> str:
    """An exception in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
