"""README.md of a step: it must have the usual sections."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base.doctor import text_of
from workshop.base.names import RUNGS, STEPS, folder_name
from workshop.base.problems import Problem
from workshop.maintaining.documents.markdown import long_lines

SECTIONS = (
    "The change that hurts",
    "The move",
    "Before and after",
    "Try it",
    "What it bought, what it cost",
    "The trap",
    "What critics say",
    "Stop here if",
    "If you are late",
)
FACTS = re.compile(r"\*\*Minutes:\*\* (\d+) · (rung: \w+|no rung)")


def minutes(root: Path, number: int) -> int | None:
    """The minutes of a step, from its page; None if the page does not name them."""
    found = FACTS.search(text_of(root / "steps" / folder_name(number) / "README.md"))
    return int(found[1]) if found else None


def pages_are_whole(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each step whose page is missing or has not the usual form."""
    for number in range(len(STEPS) + 1):
        path = Path("steps") / folder_name(number) / "README.md"
        if not (root / path).exists():
            yield Problem(path, 1, "is missing")
            continue
        text = (root / path).read_text(encoding="utf-8")
        yield from (Problem(path, 1, what) for what in _form(number, text))
        yield from long_lines(root, path)


def _form(number: int, text: str) -> Iterator[str]:
    parts = text.split("\n\n")
    if not parts[0].startswith(f"# Step {number}: "):
        yield f"the first line must be `# Step {number}: …`"
    rung = f"rung: {RUNGS[number]}" if number in RUNGS else "no rung"
    facts = FACTS.match(parts[1]) if len(parts) > 1 else None
    if not facts or facts[2] != rung:
        yield f"the second paragraph must begin: **Minutes:** N · {rung}"
    if number == 0:
        return  # step 00 asks questions and has no commit, so it has other sections
    found = re.findall(r"^## (.+)$", text, re.MULTILINE)
    if [name for name in found if name in SECTIONS] != list(SECTIONS):
        yield f"it needs these sections, in this order: {', '.join(SECTIONS)}"


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"every step has its page": pages_are_whole}
