"""Plays a part of the scenario and notes the call stack at each of three rules: how many of the stage's
functions and files are between the view, or the worker's command, and the line that decides.

The answer is a part of the stage's figures: `hops.<rule>` counts functions, `hops.<rule>.files` their files. A rule is
found by its line in the source. If you rewrite such a line, update its pattern here.
"""

import json
import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from workshop.base import leftovers
from workshop.harness.clients import events
from workshop.harness.inside.scenario import POSTED, Server, Unexpected, clients_listening, register
from workshop.harness.inside.statements import stack_of

RULES = {
    "amount-rounding": re.compile(r"\.quantize\(Decimal\(1\), rounding=ROUND_HALF_EVEN\)"),
    "mask-of-a-name": re.compile(r're\.sub\(r"\(\\S\)\\S\*"'),
    "retry-wait": re.compile(r"waits\[failed - 1\]", re.IGNORECASE),
}


class Watch:
    """A trace function that keeps the shortest path to each rule."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines = {place: rule for rule, pattern in RULES.items() for place in lines_of(folder, rule, pattern)}
        self.files = {name for name, _ in self.lines}
        self.found: dict[str, list[str]] = {}

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self.line if frame.f_code.co_filename in self.files else None

    def line(self, frame: FrameType, event: str, argument: Any) -> Any:
        rule = self.lines.get((frame.f_code.co_filename, frame.f_lineno))
        if event == "line" and rule is not None:
            path = way_to(frame, self.folder)
            self.found[rule] = min(self.found.get(rule, path), path, key=len)
        return self.line


def lines_of(folder: Path, rule: str, pattern: re.Pattern[str]) -> list[tuple[str, int]]:
    """File and line of a rule in a stage. Raises Unexpected if no line matches."""
    found = [
        (str(path), number)
        for path in leftovers.python_files(folder / "webhooks")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
    if not found:
        raise Unexpected(
            f"No line of {folder.name}/webhooks matches {rule!r}. Update RULES in workshop/harness/inside/hops.py."
        )
    return found


def way_to(frame: FrameType | None, folder: Path) -> list[str]:
    """The path from the stage's outermost function to the function with the rule, both included, as `file:function`.

    Lambdas and comprehensions are part of the function around them.
    """
    found = [f"{file}:{name}" for file, name, _ in stack_of(frame, folder) if not name.startswith("<")]
    return found[::-1]


def main() -> None:
    folder = Path.cwd()
    watch = Watch(folder)
    server = Server()
    with clients_listening() as receiver:
        register(server, receiver)
        sys.settrace(watch)
        for number, event in enumerate(events()[:POSTED]):
            server.call("POST", "/v1/events", 202, event, idempotency_key=f"key-{number}")
        server.command("deliver", "--once")
        sys.settrace(None)
    missing = RULES.keys() - watch.found.keys()
    if missing:
        raise Unexpected(f"The scenario never reached: {', '.join(sorted(missing))}.")
    figures: dict[str, int] = {}
    for rule, path in watch.found.items():
        files = {function.partition(":")[0] for function in path}
        figures |= {f"hops.{rule}": len(path), f"hops.{rule}.files": len(files)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
