"""Cognitive complexity of a function, after G. Ann Campbell, "Cognitive Complexity" (SonarSource, 2018)."""

import ast


def complexity_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The difficulty of a function: breaks in the flow count, and nested breaks count more."""
    return sum(_of(statement, 0) for statement in function.body)


def _of(node: ast.AST, nesting: int) -> int:
    match node:
        case ast.If():
            return 1 + nesting + _branches(node, nesting)
        case ast.For() | ast.AsyncFor() | ast.While():
            inside = sum(_of(child, nesting + 1) for child in node.body)
            otherwise = (1 if node.orelse else 0) + sum(_of(child, nesting + 1) for child in node.orelse)
            head = _of(node.test, nesting) if isinstance(node, ast.While) else _of(node.iter, nesting)
            return 1 + nesting + head + inside + otherwise
        case ast.ExceptHandler():
            return 1 + nesting + sum(_of(child, nesting + 1) for child in node.body)
        case ast.Match():
            inside = sum(_of(child, nesting + 1) for case in node.cases for child in case.body)
            return 1 + nesting + _of(node.subject, nesting) + inside
        case ast.IfExp():
            return 1 + nesting + sum(_of(child, nesting + 1) for child in (node.test, node.body, node.orelse))
        case ast.BoolOp():
            return 1 + sum(_of(value, nesting) for value in node.values)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            body = [node.body] if isinstance(node, ast.Lambda) else node.body
            return sum(_of(child, nesting + 1) for child in body)
        case ast.Constant() | ast.Name() | ast.ClassDef():
            return 0
        case _:
            return sum(_of(child, nesting) for child in ast.iter_child_nodes(node))


def _branches(node: ast.If, nesting: int) -> int:
    """The test, the body and the rest: each `elif` and `else` counts once, at any depth."""
    total = _of(node.test, nesting) + sum(_of(child, nesting + 1) for child in node.body)
    if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        return total + 1 + _branches(node.orelse[0], nesting)
    if node.orelse:
        total += 1 + sum(_of(child, nesting + 1) for child in node.orelse)
    return total
