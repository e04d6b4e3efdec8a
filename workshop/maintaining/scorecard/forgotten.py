"""The places that nothing notices when they are forgotten: each hunk of a patch is left out in turn.

Only hunks in production files that stood before count: a new file cannot be forgotten in part. What notices first is one
of NOTICED, in this order. A hunk that cannot be left out alone, because git or Python no longer reads the file, is noticed
by lint.

All places of all answers would take some fifteen hours of CPU, so `sample` places of each answer are drawn by chance. The
draw depends on the answer's name alone: the same command leaves out the same places.
"""

import ast
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from workshop.base import environment, setup
from workshop.base.calls import call
from workshop.base.git import GitFailed
from workshop.base.problems import CommandFailed
from workshop.base.road import Road
from workshop.base.stages import Stage
from workshop.maintaining.scorecard import proof
from workshop.maintaining.scorecard.cells import Cell, laid_out, without
from workshop.maintaining.scorecard.cells import changed as done
from workshop.walk.changes import Kind, changes
from workshop.walk.requests.catalogue import tree_of
from workshop.walk.requests.cost import hunks, layer_of

NOTICED = ("lint", "own tests", "the request's tests", "nothing")
SECONDS = 600  # for one run of tests
AT_ONCE = 2


def forgotten(laid: Road, cell: Cell, sample: int | None = None) -> Iterator[tuple[str, str]]:
    """Each left-out place as its file, and what noticed it; all places, or at most `sample` of them.

    Raises CommandFailed if lint already finds something in the whole answer: it would seem to notice every place.
    """
    whole = done(laid, cell)
    with laid_out(laid, whole, cell.name) as stage:
        if problem := next(proof.lint_problems(stage, layout=False), None):
            raise CommandFailed(f"The whole answer of {cell.name} must pass lint first: {problem}")
    changed = changes(laid.git, tree_of(cell.rung), whole)
    changed_tests = [change.path for change in changed if change.is_test and "/test_" in f"/{change.path}"]
    found = [
        change.path
        for change in changed
        if not change.is_test and change.kind is Kind.CHANGED and layer_of(change.path) != "migrations"
    ]
    places = hunks(laid.git, tree_of(cell.rung), whole, found)
    if sample is not None:
        random.Random(cell.name).shuffle(places)  # so a larger sample contains a smaller one
        places = places[:sample]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        noticed = threads.map(partial(_noticed, laid, cell, whole, changed_tests), places)
        for hunk, what in zip(places, noticed, strict=True):
            yield hunk.partition(" b/")[2].partition("\n")[0], what


def counts(laid: Road, cell: Cell, sample: int | None = None) -> dict[str, int]:
    """How many places each of NOTICED noticed first."""
    found = Counter(noticed for _, noticed in forgotten(laid, cell, sample))
    return {name: found[name] for name in NOTICED}


def _noticed(laid: Road, cell: Cell, whole: str, changed_tests: Sequence[str], hunk: str) -> str:
    try:
        tree = without(laid, whole, hunk)
    except GitFailed:
        return NOTICED[0]
    with laid_out(laid, tree, cell.name) as stage:
        if not _reads(stage) or any(proof.lint_problems(stage, layout=False)):
            return NOTICED[0]
        own, black_box = proof.runs(cell, stage, ["own", "request"])
        # The tests that know the request answer first, because they take seconds.
        if changed_tests and not _is_green(own.folder, changed_tests):
            return NOTICED[1]
        is_seen_outside = not _is_green(black_box.folder, black_box.arguments)
        if not _is_green(own.folder, own.arguments):
            return NOTICED[1]
        return NOTICED[2] if is_seen_outside else NOTICED[-1]


def _is_green(folder: Path, arguments: Sequence[str]) -> bool:
    """Whether the tests are green. A red run is repeated once: on a busy machine a test of a time limit may be late."""
    command = [str(setup.interpreter()), "-m", "pytest", *arguments, "-x", "-q"]
    surroundings = environment.made()
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)  # the workers compile the stage once
    return any(call(command, folder, surroundings, seconds=SECONDS).returncode == 0 for _ in range(2))


def _reads(stage: Stage) -> bool:
    """Whether Python reads every file of the stage."""
    for file in Path(stage.folder).rglob("*.py"):
        try:
            ast.parse(file.read_text(encoding="utf-8"))
        except SyntaxError:
            return False
    return True
