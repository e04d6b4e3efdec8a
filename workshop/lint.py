"""The checks of `make lint`: ruff, mypy, and what neither of them knows about this repository."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT, setup
from workshop.stages import stages

# The character classes keep this file from matching itself.
OF_ONE_MACHINE = re.compile(
    r"(?<![\w./])/(?:root|home/[a-z]\w*|User[s]/\w+|opt/(?:pypi|wheels))(?![\w-])"
    r"|(?<![\w.])/work/(?:main|shared)|\.\./shared/"
)
OF_ONE_REGISTRY = re.compile(
    r"\b(?:pyp[i]|pythonhoste[d]|npmj[s]|debia[n])[.](?:org|com)\b"
    r"|^\s*--(?:extra-)?index-url|^\s*--(?:find-links|trusted-host)",
    re.IGNORECASE,
)
OUTER_RINGS = {"clients", "webhooks"}


@dataclass(frozen=True)
class Problem:
    """Something in a file that must not be there."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path.as_posix()}:{self.line}: {self.what}"


def tools() -> dict[str, list[str]]:
    """The linters by the name to show."""
    python = str(setup.interpreter())
    return {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy"],
    }


def run_tool(command: Sequence[str]) -> bool:
    """Runs one linter on the repository; its own output says what is wrong."""
    return subprocess.run(command, cwd=ROOT).returncode == 0


def portable(root: Path = ROOT) -> Iterator[Problem]:
    """No path of one machine and no registry's address in a file that others get."""
    for path in tracked(root):
        for number, line in _text_lines(root / path):
            if OF_ONE_MACHINE.search(line):
                yield Problem(path, number, "a path that exists on one machine only")
            if OF_ONE_REGISTRY.search(line):
                yield Problem(path, number, "a package registry's address or option")


def plumbing_stands_alone(root: Path = ROOT) -> Iterator[Problem]:
    """plumbing/ is the innermost ring: it imports neither clients nor webhooks."""
    for stage in stages(root):
        for source in sorted((stage.folder / "plumbing").rglob("*.py")):
            for line, module in _imports(source):
                if module.split(".")[0] in OUTER_RINGS:
                    found = f"plumbing imports {module}; it may not know the rings around it"
                    yield Problem(source.relative_to(root), line, found)


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {
    "no path of a machine, no registry's address": portable,
    "plumbing imports neither clients nor webhooks": plumbing_stands_alone,
}


def tracked(root: Path = ROOT) -> list[Path]:
    """What git would hand to others: tracked files and new ones that it does not ignore."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in sorted(set(listed.split("\0"))) if name]


def _text_lines(path: Path) -> list[tuple[int, str]]:
    try:
        return list(enumerate(path.read_text(encoding="utf-8").splitlines(), start=1))
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return []  # golden bytes that are no text, or a file deleted and not yet committed


def _imports(source: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.ImportFrom) and node.level > 1:
            names = [node.module] if node.module else [name.name for name in node.names]
            yield from ((node.lineno, name) for name in names)
