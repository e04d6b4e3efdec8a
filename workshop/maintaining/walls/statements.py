"""The sources of a stage's SQL, watched while the scenario runs: a wall that no spelling can avoid."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workshop import ROOT
from workshop.base.problems import Problem
from workshop.base.stages import Stage
from workshop.harness.inside import ask
from workshop.maintaining.walls import Walls, fenced, is_in, walls_of
from workshop.maintaining.walls.syntax import RINGS

OWN_TABLES = "webhooks_"
READS = ("SELECT", "PRAGMA", "SHOW")


def only_repositories_ask(root: Path = ROOT) -> Iterator[Problem]:
    """The domain and the use cases send no statement, and only a repository writes an event or a delivery."""
    for stage in fenced(root):
        yield from asked_in_the_wrong_place(stage, root)


def asked_in_the_wrong_place(stage: Stage, root: Path = ROOT) -> Iterator[Problem]:
    """The same for one stage."""
    for line, what in breaches(ask(stage, "statements"), walls_of(stage.folder)):
        name, _, number = line.partition(":")
        yield Problem((stage.folder / name).relative_to(root), int(number), what)


def breaches(statements: Iterable[dict[str, Any]], walls: Walls) -> list[tuple[str, str]]:
    """`file:line` and the broken rule, for every statement from the wrong place."""
    found = set()
    for statement in statements:
        ours = [line for line in statement["stack"] if line.split("/")[0] in RINGS]
        if not ours:
            continue  # Django's own: sessions, the admin's lists
        asked_by, table, verb = Path(ours[0].partition(":")[0]), statement["table"], statement["verb"]
        what = f"{verb} {table}".strip()
        if is_in(asked_by, walls.inner):
            found.add((ours[0], f"{what} is sent from here; a repository does that"))
        elif not table.startswith(OWN_TABLES) or is_in(asked_by, walls.tables):
            continue
        elif verb not in READS:
            found.add((ours[0], f"{what} is sent from here; only a repository writes"))
        elif not is_in(asked_by, walls.readers):
            found.add((ours[0], f"{what} is sent from here; this file may not read that table"))
    return sorted(found)
