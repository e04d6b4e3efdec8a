"""Hints, one level at a time: what a check means, where to look, the idea, a skeleton, one hunk of the solution."""

import ast
import re
import textwrap

from workshop.base.problems import CommandFailed
from workshop.exercises.catalogue import HINT_LEVELS, Check, Exercise
from workshop.exercises.probes.source import binds

TITLES = ("What it means", "Where to look", "The idea", "A skeleton", "A piece of the solution")

REFERENCE = re.compile(r"(?P<file>[\w./-]+)::(?P<name>[\w.]+)(?::(?P<first>\d+)-(?P<last>\d+))?")


def hint(exercise: Exercise, check: Check, level: int) -> tuple[str, str]:
    """The title and the text of one level, counted from 0."""
    text = check.hints.texts[level]
    if HINT_LEVELS[level] == "hunk":
        text = hunk(exercise, text)
    return TITLES[level], text


def hunk(exercise: Exercise, reference: str) -> str:
    """The source that `file::name` or `file::Class.method` names in the solution, so that hint and solution agree.

    `file::name:2-9` takes these lines of it, counted from 1. In a TOML file, the name is that of a table.
    """
    parts = REFERENCE.fullmatch(reference)
    source = exercise.solution / (parts["file"] if parts else "")
    if not parts or not source.is_file():
        raise CommandFailed(f"{exercise.name}: the hunk {reference!r} is not file::name in the solution.")
    text = source.read_text(encoding="utf-8")
    lines = _table(text, parts["name"]) if source.suffix == ".toml" else _definition(text, parts["name"])
    if not lines:
        raise CommandFailed(f"{exercise.name}: the solution's {parts['file']} defines no {parts['name']}.")
    if parts["first"]:
        lines = lines[int(parts["first"]) - 1 : int(parts["last"])]
    return textwrap.dedent("\n".join(lines))


def _definition(text: str, name: str) -> list[str]:
    node = _find(ast.parse(text), name.split("."))
    if node is None:
        return []
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    return text.splitlines()[first - 1 : node.end_lineno]


def _table(text: str, name: str) -> list[str]:
    """A TOML table, from its header to the next empty line."""
    lines = text.splitlines()
    if f"[{name}]" not in lines:
        return []
    from_here = lines[lines.index(f"[{name}]") :]
    return from_here[: from_here.index("")] if "" in from_here else from_here


def _find(tree: ast.AST, names: list[str]) -> ast.stmt | None:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt) and names[0] in binds(node):
            return _find(node, names[1:]) if len(names) > 1 else node
    return None
