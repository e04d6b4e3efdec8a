"""Conditions that keep a function from doing its work: a row that is not new, a flag on the row."""

import ast
import re

from . import syntax
from .syntax import names_in


def asks_whether_new(test: ast.expr) -> bool:
    """Whether a condition holds for new rows only: `if created:`, `if not self.pk:`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return bool(re.search(r"\bpk\b|\bid\b", names_in(test.operand)))
    return bool(re.search(r"created|adding|is_new", names_in(test)))


def returns_unless_new(statement: ast.stmt) -> bool:
    """Whether what follows is for new rows only: `if not created: return`."""
    if not isinstance(statement, ast.If) or statement.orelse or not statement.body:
        return False
    if not isinstance(statement.body[-1], ast.Return):
        return False
    test = statement.test
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) and "created" in names_in(test.operand)


def quiet_attributes(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    """Attributes of an argument that make the function return before it does anything."""
    arguments = {one.arg for one in node.args.args}
    found = []
    for statement in node.body:
        if isinstance(statement, ast.If) and any(isinstance(one, ast.Return) for one in statement.body):
            asks_for_the_kind = {
                child.operand
                for child in ast.walk(statement.test)
                if isinstance(child, ast.UnaryOp) and syntax.dotted(child.operand) == "hasattr()"
            }  # `if not hasattr(instance, "slug"): return` leaves rows of another kind alone
            for child in ast.walk(statement.test):
                if child in asks_for_the_kind:
                    continue
                match child:
                    case ast.Call(
                        func=ast.Name(id="hasattr" | "getattr"), args=[ast.Name(id=name), ast.Constant(), *_]
                    ):
                        if name in arguments and isinstance(child.args[1], ast.Constant):
                            found.append(str(child.args[1].value))
                    case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                        if name in arguments and attribute.startswith("_") and attribute != "_state":
                            found.append(attribute)
    return tuple(found)
