"""The learner's source, read as syntax trees and never run."""

import ast
from collections.abc import Collection, Iterator, Mapping

from workshop.exercises.findings import Finding, Project

ASKS_FOR_A_KIND = ("isinstance", "issubclass")
EQUALITIES = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)


def comparisons(project: Project, *places: str) -> Iterator[tuple[str, int, list[ast.expr]]]:
    """Every comparison by ==, isinstance, `in` or `match`: file, line, operands."""
    for name, node in project.nodes(*places):
        if isinstance(node, ast.Compare) and any(isinstance(sign, EQUALITIES) for sign in node.ops):
            yield name, node.lineno, [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and _called(node) in (*ASKS_FOR_A_KIND, "__eq__", "eq", "is_"):
            yield name, node.lineno, [*node.args]
        elif isinstance(node, ast.match_case):
            parts = list(ast.walk(node.pattern))
            values = [part.value for part in parts if isinstance(part, ast.MatchValue)]
            yield name, node.pattern.lineno, values + [part.cls for part in parts if isinstance(part, ast.MatchClass)]


def value_of(node: ast.expr, names: Mapping[str, object]) -> object:
    """The value of a constant, a name or an attribute of a name, in a module with these names; None for other nodes."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = value_of(node.value, names)
        return None if owner is None else getattr(owner, node.attr, None)
    return None


def compares_with(project: Project, texts: Collection[str], *places: str) -> Iterator[Finding]:
    """Comparisons with one of these strings: ==, !=, in, not in, and `match`."""
    for name, line, operands in comparisons(project, *places):
        for part in (part for operand in operands for part in ast.walk(operand)):
            if isinstance(part, ast.Constant) and part.value in texts:
                yield Finding(name, line, f"a comparison with {part.value!r}")


def calls_of(project: Project, names: Collection[str], *places: str) -> Iterator[Finding]:
    """Calls of a function or method with one of these names, in any class or module."""
    for name, node in project.nodes(*places):
        if isinstance(node, ast.Call) and (called := _called(node)) in names:
            yield Finding(name, node.lineno, f"{called}(…)")


def float_numbers(project: Project, *places: str) -> Iterator[Finding]:
    """Binary fractions: numbers with a decimal point, calls of float, and float passed to a function such as map."""
    for name, node in project.nodes(*places):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield Finding(name, node.lineno, f"the float {node.value!r}")
        elif isinstance(node, ast.Call) and _called(node) not in ASKS_FOR_A_KIND:
            passed_on = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(isinstance(argument, ast.Name) and argument.id == "float" for argument in passed_on):
                yield Finding(name, node.lineno, f"float, passed on to {_called(node)}(…)")
    yield from calls_of(project, {"float"}, *places)


def operators(project: Project, kinds: tuple[type[ast.operator], ...], *places: str) -> Iterator[Finding]:
    """Calculations with one of these operators, such as ast.FloorDiv."""
    for name, node in project.nodes(*places):
        if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, kinds):
            yield Finding(name, node.lineno, f"the operator of {ast.unparse(node)}")


def lacks(project: Project, file: str, *names: str) -> Iterator[Finding]:
    """Names that a module must define or import at its top level, but does not."""
    if not (project.folder / file).exists():
        yield Finding(file, 0, f"there is no file {file}")
        return
    for name in names:
        if not line_of(project, file, name):
            yield Finding(file, 0, f"it does not define {name}")


def line_of(project: Project, file: str, name: str) -> int:
    """The line on which a module defines a name at its top level; 0 if it does not."""
    if not (project.folder / file).exists():
        return 0
    return next((node.lineno for node in project.syntax(file).body if name in binds(node)), 0)


def binds(node: ast.stmt) -> Iterator[str]:
    """The names that a statement defines or imports."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""
