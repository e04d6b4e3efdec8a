"""Small mistakes in Python source, such as a flipped comparison, a constant off by one, or a missing call."""

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import CodeType

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}
SWAPPED_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
# The look of a table or of a log line is no rule.
NO_RULES = {"Meta", "__str__"}
NO_RULES_CALLED = {"log", "models", "get_logger"}


@dataclass(frozen=True)
class Mutant:
    """One mistake. `lines` are the lines of its statement; `place` is the number of the changed node in the module."""

    path: str
    function: str
    change: str
    lines: tuple[int, int]
    place: tuple[int, int]

    @property
    def name(self) -> str:
        """A name that stays the same when lines move."""
        return f"{self.path}: {self.function}: {self.change}"


@dataclass(frozen=True)
class _Site:
    node: ast.AST
    function: str
    statement: ast.stmt


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Every mistake that can be made in a module, in the order of its text."""
    found, seen = [], Counter[str]()
    for number, site in enumerate(_sites(ast.parse(source).body)):
        for variant, mutated in enumerate(_variants(site.node)):
            change = f"{_shown(site.node)} -> {_shown(mutated)}"
            seen[f"{site.function}: {change}"] += 1
            if (again := seen[f"{site.function}: {change}"]) > 1:
                change += f" #{again}"
            found.append(Mutant(path, site.function, change, _lines(site.statement), (number, variant)))
    return found


def planted(mutant: Mutant, source: str, filename: str) -> CodeType:
    """The module with the mistake in it."""
    tree = ast.parse(source)
    number, variant = mutant.place
    target = list(_sites(tree.body))[number].node
    _Replace(target, list(_variants(target))[variant]).visit(tree)
    return compile(ast.fix_missing_locations(tree), filename, "exec")


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, ast.copy_location(new, old)

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)


def _sites(body: Sequence[ast.stmt], function: str = "") -> Iterator[_Site]:
    """Every statement that may be a rule, and every expression in it."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            if statement.name in NO_RULES:
                continue
            inner = f"{function}.{statement.name}".lstrip(".")
            if isinstance(statement, ast.FunctionDef):
                for default in (*statement.args.defaults, *statement.args.kw_defaults):
                    yield from _expressions(default, _Site(statement, inner, statement))
            yield from _sites(statement.body, inner)
        elif not _is_no_rule(statement):
            site = _Site(statement, function, statement)
            yield site
            for field, value in ast.iter_fields(statement):
                if field not in ("annotation", "body", "orelse", "finalbody", "handlers", "cases"):
                    for part in value if isinstance(value, list) else [value]:
                        yield from _expressions(part, site)
            for block in _blocks(statement):
                yield from _sites(block, function)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        yield getattr(statement, field, [])
    for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
        yield part.body


def _expressions(part: object, site: _Site) -> Iterator[_Site]:
    """The expression and all in it, as parts of the site's statement."""
    if not isinstance(part, ast.AST):
        return
    if isinstance(part, ast.Call) and _root(part.func) in NO_RULES_CALLED:
        return
    yield replace(site, node=part)
    for inner in ast.iter_child_nodes(part):
        yield from _expressions(inner, site)


def _is_no_rule(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
        return True
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id == "__all__"
    if not isinstance(statement, ast.Expr):
        return False
    if isinstance(statement.value, ast.Constant):
        return True  # a docstring, or the dots of a Protocol
    return isinstance(statement.value, ast.Call) and _root(statement.value.func) in NO_RULES_CALLED


def _root(called: ast.expr) -> str:
    while isinstance(called, ast.Attribute):
        called = called.value
    return called.id if isinstance(called, ast.Name) else ""


def _variants(node: ast.AST) -> Iterator[ast.AST]:
    """The possible replacements of a node. The node itself is never changed."""
    match node:
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Constant(value=str() as text):
            yield ast.Constant(text + "~")
        case ast.Constant(value=bytes() as data):
            yield ast.Constant(data + b"~")
        case ast.Compare(ops=[operator]) if type(operator) in COMPARISONS:
            yield _with(node, ops=[COMPARISONS[type(operator)]()])
        case ast.Compare(ops=[first, second]):
            yield _with(node, ops=[COMPARISONS[type(first)](), second])
            yield _with(node, ops=[first, COMPARISONS[type(second)]()])
        case ast.BoolOp(op=operation):
            yield _with(node, op=ast.Or() if isinstance(operation, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(op=operation) if type(operation) in OPERATORS:
            yield _with(node, op=OPERATORS[type(operation)]())
        case ast.Call(func=ast.Name(id=called)) if called in SWAPPED_CALLS:
            yield _with(node, func=ast.Name(SWAPPED_CALLS[called], ast.Load()))
        case ast.IfExp(body=body, orelse=orelse):
            yield _with(node, body=orelse, orelse=body)
        case ast.If(test=test) | ast.While(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.Return(value=None | ast.Constant(value=None)):
            return  # it returns None already
        case ast.Return():
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _lines(statement: ast.stmt) -> tuple[int, int]:
    """A statement's lines, or the lines of its head if it contains other statements."""
    inner = [block[0].lineno for block in _blocks(statement) if block]
    last = min(inner) - 1 if inner else (statement.end_lineno or statement.lineno)
    return statement.lineno, max(statement.lineno, last)


def _shown(node: ast.AST) -> str:
    """The code in one short line."""
    text = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).splitlines()[0]
    return text if len(text) <= 80 else text[:77] + "..."
