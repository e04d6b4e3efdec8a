"""The cells of the scorecard: a request at a rung, as trees in the repository of the road.

A patch is applied in an index of git's, so 75 patches take a few seconds and no folder.
"""

import ast
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workshop.base.git import Git, GitFailed
from workshop.base.problems import CommandFailed
from workshop.base.road import Road
from workshop.base.stages import Stage
from workshop.walk.requests.catalogue import RUNGS, Request, tree_of
from workshop.walk.requests.cost import Cost, cost
from workshop.walk.requests.trying import answered


class DoesNotApply(CommandFailed):
    """A patch does not fit its stage."""


@dataclass(frozen=True)
class Cell:
    """One request at one rung."""

    request: Request
    rung: str

    @property
    def name(self) -> str:
        return f"{self.request.name}, {self.rung}"


def cells(requests: Sequence[Request], rung: str = "") -> list[Cell]:
    """The cells that have a patch, or those of one rung."""
    return [Cell(request, each) for request in requests for each in request.rungs if rung in ("", each)]


def costs(laid: Road, chosen: Sequence[Cell]) -> dict[Cell, Cost]:
    """The cost of each cell, counted now. Raises DoesNotApply."""

    def counted(cell: Cell) -> Cost:
        return cost(laid.git, tree_of(cell.rung), changed(laid, cell))

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return dict(zip(chosen, threads.map(counted, chosen), strict=True))


def changed(laid: Road, cell: Cell, *, production_only: bool = False) -> str:
    """The tree with the request done; with `production_only`, without the patch's changes of the own tests."""
    left_out = ["--exclude=tests/*"] if production_only else []
    try:
        return answered(laid.git, cell.request, cell.rung, *left_out)
    except GitFailed as failure:
        raise DoesNotApply(
            f"{cell.request.name}/{cell.rung}.patch does not apply to {RUNGS[cell.rung]}:\n{failure.said}"
        ) from failure


def without(laid: Road, tree: str, hunk: str) -> str:
    """The tree with one of its hunks taken back. Raises GitFailed."""
    return laid.git.applied(tree, hunk.encode(), "--reverse", "--unidiff-zero")


@contextmanager
def laid_out(laid: Road, tree: str, name: str) -> Iterator[Stage]:
    """A folder with a tree's files, as a stage of that name; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="request-") as made:
        folder = Path(made) / "server"
        folder.mkdir()
        out = Git(folder, laid.git.dir, Path(made) / "index")
        out("read-tree", tree)
        out("checkout-index", "--all")
        yield Stage(name, folder)


def replaced(request: Request) -> list[str]:
    """The tests of the shared suite that the request makes untrue: REPLACES in its tests."""
    for node in ast.parse(request.tests.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["REPLACES"]:
            return [f"tests/behaviour/{test}" for test in ast.literal_eval(node.value)]
    return []
