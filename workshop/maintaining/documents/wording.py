"""Words in the documents: no construction that sends a reader back to the beginning of the sentence.

The check reads prose in Markdown, the texts of `exercise.toml` and `questions.toml`, the script of the talk, and
docstrings and messages in Python. Code blocks, code in backticks, comments and headings are no prose. If a line is right
as it is, write `plain: allow` in a comment on that line.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base.problems import Problem

ALLOWED = "plain: allow"
TEXTS = (
    *("README.md", "CONTRIBUTING.md", "docs/**/*.md", "steps/**/*.md", "tests/**/README.md", "signs/**/*.md"),
    *("exercises/**/README.md", "exercises/*/exercise.toml", "solutions/**/*.md", "signs/**/*.py", "workshop/**/*.py"),
    "workshop/maintaining/talk/script/*.toml",
    *("steps/*/questions.toml", "exercises/*/questions.toml"),
)
RULES = {
    r"(?:Who|Whoever|Whatever)(?![^.!?|]*\?)": "name the actor: “If you fall behind, …”",  # a question may ask who
    r"whoever|those\s+who": "name the actor: “the worker that …”, “people who …”",
    r"mend(?:s|ed|ing)?": "write “fix”",
    r"reckon(?:s|ed|ing)?": "write “calculate” or “think”",
    r"heed(?:s|ed|ing)?": "write “follow” or “obey”",
    r"anew": "write “again”",
    r"beside": "write “next to” or “and”",
    r"under\s+way": "write “in flight” or “running”",
    r"but\s+for": "write “except for”",
    r"(?<=,\s)for\s+(?:it|they|there|we|nobody|nothing)": "write “because”",
    r"(?:stands?|lies|lay)\s+(?:in|at|on|below|above|between|there|here|next)": "write “is” or “are”",
    r"where\s+(?:there|none|nothing)\s+(?:is|are)": "write “if there is”",
}
RULE = re.compile("|".join(rf"(?<![\w-])(?P<r{n}>{rule})(?![\w-])" for n, rule in enumerate(RULES)))
NO_PROSE = re.compile(r"^(?P<fence>`{3,}).*?^(?P=fence)$|^#.*?$|<!--.*?-->|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def words_are_plain(root: Path = ROOT) -> Iterator[Problem]:
    """No text contains a construction that has to be read twice."""
    for path in sorted({path.relative_to(root) for pattern in TEXTS for path in root.glob(pattern)}):
        text = (root / path).read_text(encoding="utf-8")
        lines = ["", *text.splitlines()]
        for first, last, prose in strings(text) if path.suffix == ".py" else [(1, len(lines) - 1, text)]:
            for line_ends, found, instead in not_plain(prose):
                line = min(first + line_ends, last)
                if ALLOWED not in lines[line]:
                    yield Problem(path, line, f"“{found}” has to be read twice: {instead}")


def not_plain(prose: str) -> Iterator[tuple[int, str, str]]:
    """What the rules find: the number of line ends before it, the words, and what to write."""
    shown = NO_PROSE.sub(lambda code: "\n" * code[0].count("\n") or "`", prose)
    for found in RULE.finditer(shown):
        instead = list(RULES.values())[int((found.lastgroup or "r0")[1:])]
        yield shown.count("\n", 0, found.start()), " ".join(found[0].split()), instead


def strings(source: str) -> Iterator[tuple[int, int, str]]:
    """The docstrings and messages of a module, each with its first and last line: strings of more than one word."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.end_lineno or node.lineno, node.value


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"texts are free of the worst constructions": words_are_plain}
