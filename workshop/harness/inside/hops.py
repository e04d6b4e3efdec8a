"""Plays a part of the scenario and notes the call stack at each of three rules: how many of the stage's
functions and files are between the view, or the worker's command, and the line that decides.

A rule is found by its line in the source. If you rewrite such a line, update its pattern here.
"""

import json
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from workshop.base import leftovers
from workshop.harness.clients import events
from workshop.harness.inside.scenario import POSTED, Server, Unexpected, clients_listening, register

RULES = {
    "amount rounding": re.compile(r"\.quantize\(Decimal\(1\), rounding=ROUND_HALF_EVEN\)"),
    "mask of a name": re.compile(r're\.sub\(r"\(\\S\)\\S\*"'),
    "retry wait": re.compile(r"waits\[failed - 1\]", re.IGNORECASE),
}


@dataclass(frozen=True)
class Way:
    """The path from the outermost function of the stage to the function with the rule, both counted."""

    rule: str
    functions: int
    files: int
    path: list[str]


class Watch:
    """A trace function that keeps the shortest path to each rule."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines = {place: rule for rule, pattern in RULES.items() for place in places(folder, rule, pattern)}
        self.files = {name for name, _ in self.lines}
        self.found: dict[str, Way] = {}

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self.line if frame.f_code.co_filename in self.files else None

    def line(self, frame: FrameType, event: str, argument: Any) -> Any:
        rule = self.lines.get((frame.f_code.co_filename, frame.f_lineno))
        if event == "line" and rule is not None:
            path = way_to(frame, self.folder)
            if rule not in self.found or len(path) < self.found[rule].functions:
                self.found[rule] = Way(rule, len(path), len({function.partition(":")[0] for function in path}), path)
        return self.line


def places(folder: Path, rule: str, pattern: re.Pattern[str]) -> list[tuple[str, int]]:
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
    """`file:function` from the outside in; lambdas and comprehensions are part of the function around them."""
    found = []
    while frame is not None and frame.f_code.co_name != "_get_response":
        path, name = Path(frame.f_code.co_filename), frame.f_code.co_name
        if folder in path.parents and not name.startswith("<"):
            found.append(f"{path.relative_to(folder).as_posix()}:{name}")
        frame = frame.f_back
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
    print(json.dumps([asdict(watch.found[rule]) for rule in RULES]))


if __name__ == "__main__":
    main()
