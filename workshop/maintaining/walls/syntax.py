"""Ways round a wall that imports do not show, found in the syntax of clients/ and webhooks/.

A name counts at every mention, called or not, so an alias does not help. A name that is built at run time cannot be
found by reading. `workshop.maintaining.walls.statements` finds it, because it watches the source of the queries.
"""

import ast
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base import leftovers
from workshop.base.problems import Problem
from workshop.maintaining.walls import Walls, fenced, imports, is_in, walls_of

RINGS = ("clients", "webhooks")

BY_NAME = {
    *("import_module", "__import__", "import_string", "resolve_name", "find_spec", "exec", "eval"),
    *("get_model", "get_models", "get_app_config", "get_registered_model", "related_model", "model_class"),
}
MANAGERS = {"objects", "_default_manager", "_base_manager", "_meta"}
# Without `all`, `get`, `values`, `update` and the like, because dicts and ports have these, too.
QUERIES = {
    *("filter", "exclude", "order_by", "select_related", "prefetch_related", "values_list", "annotate", "aggregate"),
    *("select_for_update", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "in_bulk", "iterator"),
    *("save", "delete", "refresh_from_db", "full_clean", "get_queryset"),
}
WRITES = {
    *("save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"),
    "select_for_update",
}
SQL = {"cursor", "raw", "RawSQL", "execute", "executemany"}
# The modules of Python's standard library that read or change the world outside.
WORLDLY = {
    *("asyncio", "concurrent", "ctypes", "getpass", "glob", "http", "io", "logging", "mmap", "multiprocessing", "os"),
    *("pathlib", "pickle", "platform", "random", "sched", "secrets", "select", "shelve", "shutil", "signal", "smtplib"),
    *("socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request", "uuid"),
}
PRESENT = {"now", "utcnow", "today"}
POINTERS = {"ForeignKey", "OneToOneField", "ManyToManyField"}


@dataclass(frozen=True)
class Source:
    """A file of a stage, read."""

    path: Path
    tree: ast.Module
    walls: Walls
    relations: dict[str, str]

    @property
    def is_inner(self) -> bool:
        return is_in(self.path, self.walls.inner)

    @property
    def asks_tables(self) -> bool:
        return is_in(self.path, self.walls.tables) or is_in(self.path, self.walls.readers)


Finding = tuple[int, str]


def by_name(source: Source) -> Iterator[Finding]:
    """A module or model found by its name is an import that no contract sees."""
    if is_in(source.path, source.walls.by_name):
        return
    for line, name in _mentions(source.tree):
        if name in BY_NAME:
            yield line, f"{name} finds by name what an import would show"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "modules" and _is_name(node.value, "sys"):
            yield node.lineno, "sys.modules finds by name what an import would show"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            ring, _, model = node.value.partition(".")
            if ring in RINGS and model.isidentifier() and model[0].isupper():
                yield node.lineno, f"{node.value!r} names a model instead of importing it"


def round_relations(source: Source) -> Iterator[Finding]:
    """Relations lead from one row to every other, so code that may not query a table may not follow them either."""
    own = source.path.parts[0]
    parents = {child: node for node in ast.walk(source.tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(source.tree):
        ring = source.relations.get(_attribute(node))
        if ring is None or own == ring == "clients" or (own == "webhooks" and source.asks_tables):
            continue
        if ring == "webhooks" and is_in(source.path, source.walls.readers):
            continue
        # A use case has ports. A value may have a field of that name and pass it on, but not use it.
        is_passed_on = isinstance(parents[node], ast.Call | ast.keyword)
        is_own = isinstance(node, ast.Attribute) and (is_passed_on or _is_name(node.value, "self"))
        if not (source.is_inner and is_own):
            yield _line(node), f".{_attribute(node)} reaches through a relation to rows that are not its own"


def tables_asked(source: Source) -> Iterator[Finding]:
    """Only repositories, and code that only shows rows, may query a table; all other code calls a use case."""
    if source.asks_tables or source.path.parts[0] != "webhooks":
        return
    for line, name in _mentions(source.tree):
        if name in MANAGERS or (source.is_inner and name in QUERIES):
            yield line, f".{name} asks a table; a repository does that"


def readers_read(source: Source) -> Iterator[Finding]:
    """Code that only shows rows may not change them."""
    if source.path.parts[0] != "webhooks" or not is_in(source.path, source.walls.readers):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Call) and _attribute(node) in WRITES:
            yield _line(node), f".{_attribute(node)} writes; here rows are only shown"


def sql_written(source: Source) -> Iterator[Finding]:
    """Only repositories contain hand-written SQL."""
    if source.path.parts[0] != "webhooks" or is_in(source.path, source.walls.tables):
        return
    for line, name in _mentions(source.tree):
        if name in SQL:
            yield line, f"{name} sends SQL; a repository does that"


def world_read(source: Source) -> Iterator[Finding]:
    """Time, randomness, settings and files come in as values and ports."""
    if not source.is_inner:
        return
    allowed = {*RINGS, "plumbing", *source.walls.packages}
    for line, module in imports(source.tree):
        root = module.split(".")[0]
        if root in WORLDLY or module in WORLDLY:
            yield line, f"{module} reads the world; a port does that"
        elif root and root not in allowed and root not in sys.stdlib_module_names:
            yield line, f"{module} is no package that may be imported here"
    clocks = set(_names_from(source.tree, {"datetime", "django"}))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in PRESENT and ast.unparse(node.value).split(".")[0] in clocks:
            yield node.lineno, f".{node.attr} reads the clock; the Clock port does that"
        if _is_name(node, "open") or _is_name(node, "input"):
            yield _line(node), "a file is the world; a port reads it"


CHECKS: dict[str, Callable[[Source], Iterator[Finding]]] = {
    "by-name": by_name,
    "relations": round_relations,
    "tables": tables_asked,
    "readers": readers_read,
    "sql": sql_written,
    "world": world_read,
}


def no_way_round(root: Path = ROOT) -> Iterator[Problem]:
    """Every way round the walls of every stage that has walls."""
    for stage in fenced(root):
        yield from ways_round(stage.folder, root)
        for source in sources(stage.folder):
            for check in CHECKS.values():
                for line, what in sorted(set(check(source))):
                    yield Problem((stage.folder / source.path).relative_to(root), line, what)


def sources(folder: Path) -> list[Source]:
    """The files of clients/ and webhooks/ that the walls cover, without migrations, which describe the past."""
    walls = walls_of(folder)
    trees = {
        path.relative_to(folder): ast.parse(path.read_text(encoding="utf-8"))
        for ring in RINGS
        for path in leftovers.python_files(folder / ring)
        if "migrations" not in path.parts
    }
    relations = {name: path.parts[0] for path, tree in trees.items() for name in _relations(tree)}
    return [Source(path, tree, walls, relations) for path, tree in trees.items()]


def ways_round(folder: Path, root: Path) -> Iterator[Problem]:
    """A problem for each file that import-linter does not see: it sees only packages, and only the listed ones."""
    known = {*walls_of(folder).roots, "tests", "manage"}
    for path in leftovers.python_files(folder):
        inside = path.relative_to(folder)
        if inside.parts[0].removesuffix(".py") not in known:
            yield Problem(path.relative_to(root), 1, "is in no root package of .importlinter")
        elif len(inside.parts) > 1 and inside.parts[0] != "tests" and not (path.parent / "__init__.py").exists():
            yield Problem(path.relative_to(root), 1, "is in a folder without __init__.py, which no contract sees")


def _mentions(tree: ast.AST) -> Iterator[Finding]:
    """Every name that the code uses, with its line: bare, as an attribute, imported, or given to getattr."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif name := _attribute(node):
            yield _line(node), name


def _attribute(node: ast.AST) -> str:
    """The attribute that a node reads, also by `getattr(row, "name")`; empty if it reads none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call) and _is_name(node.func, "getattr") and len(node.args) > 1:
        second = node.args[1]
        return second.value if isinstance(second, ast.Constant) and isinstance(second.value, str) else ""
    return ""


def _relations(tree: ast.AST) -> Iterator[str]:
    """The attributes that lead from rows to the rows that refer to them."""
    for model in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        for call in ast.walk(model):
            if isinstance(call, ast.Call) and _attribute(call.func) in POINTERS:
                named = [word.value for word in call.keywords if word.arg == "related_name"]
                given = named[0] if named else ast.Constant(f"{model.name.lower()}_set")
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def _names_from(tree: ast.AST, packages: Collection[str]) -> Iterator[str]:
    """The names under which a module imports these packages, or parts of them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                module = alias.name if isinstance(node, ast.Import) else node.module or ""
                if module.split(".")[0] in packages:
                    yield alias.asname or alias.name.split(".")[0]


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 1)
