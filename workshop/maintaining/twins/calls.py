"""A recording as a person looks at it: each call with its file, line and layer, plumbing apart, repeats as one."""

import ast
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from workshop.harness.source import lines_of_code

LAYERS = {
    "V": "view, admin, command or worker",
    "S": "serializer",
    "M": "model",
    "G": "signal",
    "U": "use case",
    "D": "domain",
    "A": "adapter",
    "H": "helper module",
    "P": "plumbing",
}
MODULES = {"signals": "G", "serializers": "S", "models": "M"}
DRIVERS = {"views", "admin", "worker", "tasks", "authentication"}
FRAME = ("BEGIN", "COMMIT", "ROLLBACK")
MOST_ROWS = 60


@dataclass(frozen=True)
class Place:
    """Where a function or a class is: its first line, decorators counted, the line of its name, its last, and its code."""

    first: int
    line: int
    last: int
    is_function: bool
    code: str

    @cached_property
    def size(self) -> int:
        """How many lines of code it has."""
        return lines_of_code(self.code)

    def meets(self, first: int, last: int) -> bool:
        """Whether some of these lines are its own."""
        return self.first <= last and first <= self.last


class Sources:
    """The functions and classes of a stage's files, each file read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, dict[str, Place]] = {}

    def places(self, file: str) -> dict[str, Place]:
        """The functions and classes of a file, by name as Python qualifies it; none for a file that is not there."""
        if file not in self._files:
            path = self.folder / file
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            found = list(_places(ast.parse(text), text.splitlines()))
            self._files[file] = dict(reversed(found))  # of a property, its getter
        return self._files[file]


def _places(tree: ast.AST, lines: Sequence[str], prefix: str = "") -> Iterator[tuple[str, Place]]:
    for node in ast.iter_child_nodes(tree):
        inner = prefix
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            last = node.end_lineno or node.lineno
            is_function = not isinstance(node, ast.ClassDef)
            code = textwrap.dedent("\n".join(lines[first - 1 : last]))
            yield prefix + node.name, Place(first, node.lineno, last, is_function, code)
            inner = f"{prefix}{node.name}.<locals>." if is_function else f"{prefix}{node.name}."
        yield from _places(node, lines, inner)


def no_such_place(rows: Sequence[Any], sources: Sources, owner: Place | None = None) -> Iterator[str]:
    """What a recording names and the stage does not have."""
    for row in rows:
        if len(row) == 2 and isinstance(row[0], str):
            if owner and not owner.first <= owner.first + row[1] <= owner.last:
                yield f"the line of a statement is outside of its function: {row[0][:60]}"
        elif len(row) == 4:
            found = sources.places(row[0]).get(row[1])
            if found is None:
                yield f"{row[0]} has no function {row[1]}"
            yield from no_such_place(row[3], sources, found)
        else:
            yield from no_such_place(row, sources, owner)


def layer_of(file: str) -> str:
    """The letter of the layer that a file of a stage belongs to, read off its path."""
    path = PurePosixPath(file)
    folders, module = set(path.parts[:-1]), path.stem
    if path.parts[0] in ("plumbing", "config"):
        return "P"
    if found := "D" if "domain" in folders else "U" if "application" in folders else MODULES.get(module):
        return found
    if module in DRIVERS or "commands" in folders:
        return "V"
    return "A" if "adapters" in folders or module == "composition" else "H"


@dataclass
class Row:
    """A call, or a statement, whose `name` is its text and whose place is the line in `owner` that asked for it.

    `times` counts the calls that it stands for, `is_open` says whether the rows inside it show at first.
    """

    name: str
    file: str
    line: int
    layer: str = ""
    is_pure: bool = False
    by_signal: bool = False
    in_thread: bool = False
    times: int = 1
    is_open: bool = True
    stops: list[int] = field(default_factory=list)
    owner: str = ""
    plumbing: list["Row"] = field(default_factory=list)
    inner: list["Row"] = field(default_factory=list)

    @property
    def is_statement(self) -> bool:
        return not self.layer

    @property
    def key(self) -> tuple[str, str, str]:
        return self.file, self.name, self.layer

    @cached_property
    def interest(self) -> int:
        """What closing the row would hide: 2 for a stop of the tour or a signal, 1 for a statement or a pure part."""
        found = 0
        for row in self.inner:
            here = 2 if row.stops or row.by_signal else row.is_statement or (row.is_pure and not self.is_pure)
            found = max(found, here, row.interest)
        return found

    @property
    def asks(self) -> bool:
        """Whether a statement is inside."""
        return any(row.is_statement or row.asks for row in self.inner)


def rows_of(found: Sequence[Any], sources: Sources, owner: Row | None = None, first: int = 1) -> list[Row]:
    """The rows of recorded calls, none folded. Raises KeyError for a function that the stage does not have."""
    rows = []
    for one in found:
        if len(one) == 2:
            text, line = one
            file, asked_by = (owner.file, owner.name) if owner else ("config/settings.py", "")  # Django itself
            rows.append(Row(text, file, first + (line or 0), owner=asked_by))
        else:
            file, name, marks, inner = one
            function = sources.places(file)[name]
            row = Row(name, file, function.line, layer_of(file), "p" in marks, "s" in marks, "t" in marks)
            row.inner = rows_of(inner, sources, row, function.first)
            rows.append(row)
    return rows


def every(rows: Sequence[Row]) -> Iterator[Row]:
    """All rows, from top to bottom."""
    for row in rows:
        yield row
        yield from every(row.inner)


def without_plumbing(rows: Sequence[Row], owner: Row | None = None) -> list[Row]:
    """The rows with what plumbing/ called back in its place. A row keeps its own calls of plumbing/ apart."""
    kept = []
    for row in rows:
        if row.layer == "P" and owner:
            owner.plumbing.append(row)
        row.inner = without_plumbing(row.inner, owner if row.layer == "P" else row)
        kept += row.inner if row.layer == "P" else [row]
    return kept


def merged(rows: Sequence[Row]) -> list[Row]:
    """Calls of one function as one row, so that a loop is shown once. Nothing moves past a statement."""
    kept: list[Row] = []
    earlier: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        if row.key in earlier and not (row.name in FRAME or (row.asks and kept[-1] is not earlier[row.key])):
            first = earlier[row.key]
            first.times += row.times
            first.is_pure &= row.is_pure
            first.inner += row.inner
            first.plumbing += row.plumbing
            continue
        if row.is_statement or row.asks:
            earlier = {}
        kept.append(row)
        earlier[row.key] = row
    for row in kept:
        while any(one.key == row.key for one in row.inner):  # it calls itself
            row.times += sum(one.times for one in row.inner if one.key == row.key)
            row.inner = [deep for one in row.inner for deep in (one.inner if one.key == row.key else [one])]
        row.inner = merged(row.inner)
    return kept


def fold(rows: Sequence[Row], most: int = MOST_ROWS) -> None:
    """Closes rows, those of least interest and the deepest first, until no more than `most` are seen."""
    while len(seen := list(visible(rows))) > most:
        found = [(row.interest, -depth, at) for at, (depth, row) in enumerate(seen) if row.is_open and row.inner]
        if not found or min(found)[0] == 2:
            return
        seen[min(found)[2]][1].is_open = False


def visible(rows: Sequence[Row], depth: int = 0) -> Iterator[tuple[int, Row]]:
    """The rows that are seen, each with how deep it is."""
    for row in rows:
        yield depth, row
        if row.is_open:
            yield from visible(row.inner, depth + 1)


def figures(rows: Sequence[Row], sources: Sources) -> dict[str, int]:
    """The price and the gain: calls, files and statements; calls that decide without a database, and their lines."""
    calls = [row for row in every(rows) if not row.is_statement and row.layer != "P"]
    impure = {row.key for row in calls if not row.is_pure}
    pure = {row.key: row for row in calls if row.key not in impure}
    return {
        "calls": sum(row.times for row in calls),
        "files": len({row.file for row in calls}),
        "sql": sum(row.is_statement and row.name not in FRAME for row in every(rows)),
        "pure": sum(row.times for row in calls if row.is_pure),
        "pure.lines": sum(sources.places(row.file)[row.name].size for row in pure.values()),
    }
