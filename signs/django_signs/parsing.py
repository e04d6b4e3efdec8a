"""From text to a syntax tree, also for code that a newer Python than this one would run."""

import ast
import re
import warnings

NEWER = (
    # Python 3.14: `except A, B:`
    (
        re.compile(r"^([ \t]*except\*?)[ \t]+([^()\n:]+,[^()\n:]+?)((?:[ \t]+as[ \t]+\w+)?[ \t]*:)", re.MULTILINE),
        r"\1 (\2)\3",
    ),
    # Python 3.12: `class A[T]:`, `def f[T](…)`, `type A = …`
    (
        re.compile(r"^([ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+)\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\]", re.MULTILINE),
        r"\1",
    ),
    (re.compile(r"^([ \t]*)type[ \t]+(\w+)(?:\[[^\]\n]*\])?[ \t]*=(?!=)", re.MULTILINE), r"\1\2 ="),
)


class Unreadable(Exception):
    """The file holds no Python that this interpreter can parse."""


def parsed(text: str) -> ast.Module:
    """The tree. Raises Unreadable.

    What a newer Python allows and this one does not is first written the old way, line by line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return ast.parse(text)
            except SyntaxError:
                for pattern, old in NEWER:
                    text = pattern.sub(old, text)
                return ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(f"line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable("nested too deeply, or it holds a null byte") from error
