"""Measurements of a stage's source: its size by ring, the complexity of its functions, and the branches on a format's
name. Tests and migrations never count as source; tests have a count of their own.
"""

import ast
import io
import statistics
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop.base import leftovers
from workshop.base.problems import CommandFailed
from workshop.harness.clients import CLIENTS

FORMATS = sorted({client.format for client in CLIENTS})
RINGS = ("plumbing", "clients", "webhooks")
OF_INTEREST = ("clients", "webhooks")  # plumbing is the same everywhere
NO_CODE = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENCODING, tokenize.ENDMARKER),
}


@dataclass(frozen=True)
class Size:
    """Files with code in them, and their lines of code: no blank lines, comments or docstrings."""

    files: int
    lines: int


@dataclass(frozen=True)
class Complexity:
    """Cognitive complexity over all functions, after G. Ann Campbell (SonarSource 2018), as complexipy counts it."""

    worst: int
    worst_function: str
    median: float
    functions: int


@dataclass(frozen=True)
class Branch:
    """A line that chooses a branch or an entry by a format's name."""

    path: str
    line: int


def code_files(folder: Path, rings: Sequence[str] = RINGS) -> list[Path]:
    """The rings' Python files, as paths from the stage's folder."""
    found = [path.relative_to(folder) for ring in rings for path in leftovers.python_files(folder / ring)]
    return [path for path in found if "migrations" not in path.parts]


def sizes(folder: Path) -> dict[str, Size]:
    """The size of each ring, with `tests` last."""
    files = {ring: [folder / path for path in code_files(folder, [ring])] for ring in RINGS}
    files["tests"] = leftovers.python_files(folder / "tests")
    found = {}
    for name, paths in files.items():
        lines = [lines_of_code(path.read_text(encoding="utf-8")) for path in paths]
        found[name] = Size(sum(map(bool, lines)), sum(lines))  # an empty `__init__.py` does not count
    return found


def lines_of_code(source: str) -> int:
    """The number of lines with a token that is neither a comment nor part of a docstring."""
    return len(code_lines(source))


def code_lines(source: str) -> list[int]:
    """The numbers of these lines, from 1, in order."""
    documented = {line for node in _docstrings(source) for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    used: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            used.update(range(token.start[0], token.end[0] + 1))
    return sorted(used - documented)


def complexity(folder: Path) -> Complexity:
    """The complexity of the functions of clients/ and webhooks/."""
    try:
        from complexipy import file_complexity  # in a group that only this command installs
    except ModuleNotFoundError:
        raise CommandFailed(
            "complexipy, which counts the complexity, has no package for this Python on this system (pyproject.toml"
            " says for which). Take an older Python: make setup PYTHON=/path/to/python3.14"
        ) from None
    found = [
        (function.complexity, f"{path.as_posix()}: {function.name}")
        for path in code_files(folder, OF_INTEREST)
        for function in file_complexity(str(folder / path)).functions
    ]
    worst, name = max(found, default=(0, ""))
    return Complexity(worst, name, statistics.median([score for score, _ in found] or [0]), len(found))


def branches(folder: Path, names: Sequence[str] = FORMATS) -> list[Branch]:
    """The branches on one of these format names in clients/ and webhooks/."""
    found = []
    for path in code_files(folder, OF_INTEREST):
        tree = ast.parse((folder / path).read_text(encoding="utf-8"))
        found += [Branch(path.as_posix(), line) for line in sorted({*_branching(tree, set(names))})]
    return found


def _branching(tree: ast.AST, names: set[str]) -> Iterator[int]:
    pins = _pins(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                compared = [node.left, *node.comparators]
                # `chosen in ("csv", "form_legacy")` names formats, too.
                inside = [item for operand in compared for item in getattr(operand, "elts", [])]
                if any(
                    _names_a_format(operand, names) or _is_pinned(operand, pins) for operand in [*compared, *inside]
                ):
                    yield node.lineno
            case ast.match_case(pattern=pattern):
                named = [inner for inner in ast.walk(pattern) if isinstance(inner, ast.MatchValue)]
                if any(_names_a_format(inner.value, names) for inner in named):
                    yield pattern.lineno
            case ast.Dict(keys=keys) if sum(_names_a_format(key, names) for key in keys if key) > 1:
                yield node.lineno  # a table of formats counts once: every new format must be added there
            case ast.Subscript(slice=index) if _is_pinned(index, pins) or _names_a_format(index, names):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr="get"), args=[first, *_]) if _is_pinned(first, pins):
                yield node.lineno


def _names_a_format(node: ast.AST, names: set[str]) -> bool:
    """A format's name as a string, alone or with its version."""
    if isinstance(node, ast.Tuple):
        return any(_names_a_format(item, names) for item in node.elts)
    return isinstance(node, ast.Constant) and node.value in names


def _is_pinned(node: ast.AST, pins: set[ast.AST]) -> bool:
    """`client.format_name`, or a variable that holds one, alone or with the version."""
    if isinstance(node, ast.Tuple):
        return any(_is_pinned(item, pins) for item in node.elts)
    return node in pins or (isinstance(node, ast.Attribute) and node.attr == "format_name")


def _pins(tree: ast.AST) -> set[ast.AST]:
    """Every use of a variable `format_name`, and of a parameter `name` next to a `version`."""
    pins: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "format_name":
            pins.add(node)
        elif isinstance(node, ast.FunctionDef) and {"name", "version"} <= {argument.arg for argument in node.args.args}:
            pins |= {inner for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner.id == "name"}
    return pins


def _docstrings(source: str) -> Iterator[ast.Expr]:
    """Strings that are statements: docstrings, and strings below a field or a constant."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node


def files_that_name(folder: Path, format_name: str) -> int:
    """The number of a stage's production files that name a format: in a string, an import or the file's name."""
    return sum(_names(folder / path, format_name) for path in code_files(folder, OF_INTEREST))


def names_a_format(file: Path) -> bool:
    """Whether a file names all formats, so that a new format would have to be added there."""
    return all(_names(file, name) for name in FORMATS)


def _names(file: Path, format_name: str) -> bool:
    return format_name in file.name or any(format_name in word for word in _words(file))


def _words(file: Path) -> set[str]:
    words = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.add(node.value)
        for name in ("id", "attr", "name", "module"):
            word = getattr(node, name, None)
            if isinstance(word, str):
                words.add(word)
    return words
