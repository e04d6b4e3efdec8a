"""The places that nothing notices when they are forgotten: each hunk of a patch is left out in turn.

Only hunks in production files that stood before count: a new file cannot be forgotten in part. What notices first is one
of NOTICED, in this order. A hunk that cannot be left out alone, because git or Python no longer reads the file, is noticed
by lint.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from workshop.base import setup
from workshop.base.calls import call
from workshop.base.git import GitFailed
from workshop.base.road import Road
from workshop.base.stages import Stage
from workshop.maintaining.scorecard import proof
from workshop.maintaining.scorecard.cells import Cell, base, changed, laid_out, without
from workshop.walk.changes import Kind, changes
from workshop.walk.requests.cost import hunks, layer_of

NOTICED = ("lint", "own tests", "the request's tests", "nothing")
SECONDS = 600  # for one run of tests


def forgotten(laid: Road, cell: Cell) -> Iterator[tuple[str, str]]:
    """Each left-out place as its file, and what noticed it."""
    whole = changed(laid, cell)
    found = [
        change.path
        for change in changes(laid.git, base(cell.rung), whole)
        if not change.is_test and change.kind is Kind.CHANGED and layer_of(change.path) != "migrations"
    ]
    for hunk in hunks(laid.git, base(cell.rung), whole, found):
        yield hunk.partition(" b/")[2].partition("\n")[0], _noticed(laid, cell, whole, hunk)


def counts(laid: Road, cell: Cell) -> dict[str, int]:
    """How many places each of NOTICED noticed first."""
    found = Counter(noticed for _, noticed in forgotten(laid, cell))
    return {name: found[name] for name in NOTICED}


def _noticed(laid: Road, cell: Cell, whole: str, hunk: str) -> str:
    try:
        tree = without(laid, whole, hunk)
    except GitFailed:
        return NOTICED[0]
    with laid_out(laid, tree, cell.name) as stage:
        if not _reads(stage) or any(proof.lint_problems(stage)):
            return NOTICED[0]
        for name, kind in zip(NOTICED[1:], ("own", "request"), strict=False):
            [run] = proof.runs(cell, stage, [kind])
            command = [str(setup.interpreter()), "-m", "pytest", *run.arguments, "-x", "-q"]
            if call(command, run.folder, seconds=SECONDS).returncode:
                return name
    return NOTICED[-1]


def _reads(stage: Stage) -> bool:
    """Whether Python reads every file of the stage."""
    for file in Path(stage.folder).rglob("*.py"):
        try:
            ast.parse(file.read_text(encoding="utf-8"))
        except SyntaxError:
            return False
    return True
