"""The cost of a change: what it touches, counted in two trees of a git repository.

Files and hunks alone are not fair: a stage with many small files has more of both for the same change. So definitions,
layers and lines without prose are counted, too.
"""

import ast
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import PurePosixPath

from workshop.base.git import Git
from workshop.harness.source import code_lines
from workshop.walk.changes import Change, Kind, changes

HUNK = re.compile(r"^@@ ", re.MULTILINE)
LAYERS = (
    ("migrations", ("*/migrations/*",)),
    ("wiring", ("config/*", "*/urls.py", "*/apps.py", "*/composition.py", "*/process.py", "*/composing.py")),
    ("admin", ("*/admin.py", "*/templates/admin/*")),
    ("commands", ("*/management/commands/*", "*/adapters/commands/*")),
    ("worker", ("*/worker.py", "*/tasks.py", "*/doorbell.py", "*/signals.py")),
    (
        "API",
        ("*/views.py", "*/serializers.py", "*/api_docs.py", "*/openapi.py", "*/adapters/api/*", "*/authentication.py"),
    ),
    ("ports", ("*/application/ports/*",)),
    ("use cases", ("*/application/*",)),
    ("tables", ("*/models.py", "*/adapters/orm/*")),
    ("other adapters", ("*/adapters/*", "*/metrics.py")),
    ("plumbing", ("plumbing/*",)),
    ("rules", ("*",)),  # domain/, and the modules in which before/ has its rules
)
"""The layer of a production file: the first with a pattern that fits its path from the stage's folder."""
DOUBLES = ("tests/fakes/*", "tests/*fake*", "tests/endpoint.py")


@dataclass(frozen=True)
class Cost:
    """What one change touches. Production code, except the last three; lines without blank lines, comments, docstrings.

    `files` existed before and changed, `hunks` are the changed places in them, with no line of context. `places` are
    the functions, classes and modules that changed or are new; `layers` are named as in LAYERS.
    """

    files: int
    hunks: int
    new_files: int
    lines: int
    places: int
    layers: tuple[str, ...]
    test_files: int
    test_lines: int
    doubles: int

    def as_figures(self) -> dict[str, int]:
        """The counts by name."""
        return {name: len(value) if name == "layers" else value for name, value in asdict(self).items()}


def cost(git: Git, old: str, new: str) -> Cost:
    """The cost of the change from one tree to another."""
    changed = changes(git, old, new)
    code = [change for change in changed if not change.is_test and layer_of(change.path) != "migrations"]
    standing = [change for change in code if change.kind is not Kind.NEW]
    tests = [change for change in changed if change.is_test]
    production = [change for change in changed if not change.is_test]
    texts = {change: _texts(git, old, new, change) for change in (*code, *tests)}
    return Cost(
        files=len(standing),
        hunks=len(hunks(git, old, new, [change.path for change in standing])),
        new_files=len(code) - len(standing),
        lines=sum(_lines(*texts[change], change.path) for change in code),
        places=sum(len(_places(*texts[change], change.path)) for change in code),
        layers=tuple(name for name, _ in LAYERS if any(layer_of(change.path) == name for change in production)),
        test_files=len([change for change in tests if change.kind is not Kind.NEW]),
        test_lines=sum(_lines(*texts[change], change.path) for change in tests),
        doubles=sum(len(_places(*texts[change], change.path)) for change in tests if is_double(change.path)),
    )


def layer_of(path: str) -> str:
    """The layer of a production file."""
    return next(name for name, patterns in LAYERS if any(fnmatchcase(path, pattern) for pattern in patterns))


def is_double(path: str) -> bool:
    """Whether a file of the tests holds test doubles."""
    return any(fnmatchcase(path, pattern) for pattern in DOUBLES)


def hunks(git: Git, old: str, new: str, paths: list[str]) -> list[str]:
    """Every hunk in these files, each as a patch of its own, in the order of the paths."""
    found = []
    for path in paths:
        head, *parts = re.split(HUNK, git("diff", "--unified=0", "--no-ext-diff", "--no-renames", old, new, "--", path))
        found += [f"{head}@@ {part.rstrip(chr(10))}\n" for part in parts]
    return found


def _lines(before: str, after: str, path: str) -> int:
    """Lines of code added and removed. A changed line is one of each, and so is a line that moves."""
    old, new = _code(before, path), _code(after, path)
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return len(old) + len(new) - 2 * sum(block.size for block in blocks)


def _places(before: str, after: str, path: str) -> set[str]:
    """The names of the definitions that differ, with "" for the module itself."""
    if not path.endswith(".py"):
        return {""}
    old, new = _definitions(before), _definitions(after)
    return {name for name in {*old, *new} if old.get(name) != new.get(name)}


def _texts(git: Git, old: str, new: str, change: Change) -> tuple[str, str]:
    def text(tree: str, path: str) -> str:
        return git.ask("cat-file", "blob", f"{tree}:{path}") or ""

    return text(old, change.old), text(new, change.path)


@lru_cache(maxsize=4096)  # a stage's files are read again for each request
def _code(text: str, path: str) -> Sequence[str]:
    """The lines of code, without white space at their ends."""
    lines = text.splitlines()
    if PurePosixPath(path).suffix != ".py":
        return [line.strip() for line in lines if line.strip()]
    return [lines[number - 1].strip() for number in code_lines(text)]


@lru_cache(maxsize=4096)
def _definitions(text: str) -> Mapping[str, str]:
    """Each function, each class without its methods, and the rest of the module, as code without docstrings."""
    found: dict[str, str] = {}

    def visit(body: list[ast.stmt], name: str) -> None:
        rest = []
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[f"{name}.{node.name}".lstrip(".")] = "".join(ast.dump(part) for part in _undocumented(node.body)) + (
                    ast.dump(node.args) + "".join(map(ast.dump, node.decorator_list))
                )
            elif isinstance(node, ast.ClassDef):
                inner = f"{name}.{node.name}".lstrip(".")
                visit(node.body, inner)
                found[inner] += "".join(map(ast.dump, [*node.bases, *node.decorator_list]))
            else:
                rest.append(node)
        found[name] = "".join(ast.dump(node) for node in _undocumented(rest))

    visit(ast.parse(text).body if text else [], "")
    return found


def _undocumented(body: list[ast.stmt]) -> list[ast.stmt]:
    return [
        node
        for node in body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
    ]
