"""The walls of a stage: rules on which parts of its code may import which.

A stage with walls has a file `.importlinter`. import-linter checks its contracts; `workshop.maintaining.walls.syntax`
checks its section `[walls]`. A stage without that file is a plain Django project without such rules.
"""

import ast
import configparser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.stages import Stage, stages

CONTRACTS = ".importlinter"


@dataclass(frozen=True)
class Walls:
    """A stage's `[walls]`: files and folders, as paths from the stage's own folder. A missing key is empty."""

    roots: Sequence[str] = ()
    inner: Sequence[str] = ()
    packages: Sequence[str] = ()
    by_name: Sequence[str] = ()
    tables: Sequence[str] = ()
    readers: Sequence[str] = ()


def fenced(root: Path = ROOT) -> list[Stage]:
    """The stages that have walls."""
    return [stage for stage in stages(root) if (stage.folder / CONTRACTS).exists()]


def walls_of(folder: Path) -> Walls:
    """The walls in a stage's file."""
    parser = configparser.ConfigParser()
    parser.read(folder / CONTRACTS, encoding="utf-8")
    named = parser["walls"] if parser.has_section("walls") else {}
    lists = {name: text.split() for name, text in named.items()}
    return Walls(roots=parser.get("importlinter", "root_packages").split(), **lists)


def is_in(path: Path, places: Sequence[str]) -> bool:
    """Whether a file is one of these, or in one of these folders."""
    return any(path == Path(place) or Path(place) in path.parents for place in places)


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module that the code imports, with the line; a relative one begins with its dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            named = [node.module] if node.module else [alias.name for alias in node.names]
            yield from ((node.lineno, "." * node.level + name) for name in named)
            # `from urllib import request` imports urllib.request.
            yield from ((node.lineno, f"urllib.{alias.name}") for alias in node.names if node.module == "urllib")
