"""`./ws request`: a learner answers a change request in walk/, at a rung.

The request in hand is kept in one small file next to the progress, work/.request.json (WS_WORK names another folder).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.bets import Question
from workshop.base.files import write
from workshop.base.git import Git
from workshop.base.problems import CommandFailed
from workshop.base.road import road
from workshop.base.stages import Stage
from workshop.harness.testing import Run, stage_runs
from workshop.walk.bets import production
from workshop.walk.changes import changes
from workshop.walk.requests.catalogue import RUNGS, Request, request, tree_of
from workshop.walk.requests.cost import Cost, cost
from workshop.walk.walk import Arrival, Walk

OPTIONS = ("-c", "tests/requests/pytest.ini", "--rootdir=.")


@dataclass(frozen=True)
class Dealt:
    """The request in hand: its folder's name, and the rung at which walk/ was put for it."""

    name: str
    rung: str


def deal(written: str, rung: str, walk: Walk) -> tuple[Request, Arrival]:
    """Puts walk/ at the rung, the learner's changes saved first, and notes the request. Raises CommandFailed."""
    if rung not in RUNGS:
        raise CommandFailed(f"There is no rung {rung!r}. The rungs are: {', '.join(RUNGS)}.")
    chosen = request(written)
    arrival = walk.go(RUNGS[rung])
    _file().parent.mkdir(parents=True, exist_ok=True)
    write(_file(), json.dumps(asdict(Dealt(chosen.name, rung))) + "\n")
    return chosen, arrival


def in_hand(walk: Walk) -> tuple[Request, str]:
    """The request in hand and its rung. Raises CommandFailed if there is none, or walk/ is at another stage by now."""
    try:
        dealt = Dealt(**json.loads(_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise CommandFailed("You have no request yet: ./ws request 13 --rung core deals one.") from None
    at = walk.standing().stage
    if not walk.is_laid_out or at != RUNGS[dealt.rung]:
        raise CommandFailed(
            f"walk/ is not at {RUNGS[dealt.rung]} any longer: ./ws request {dealt.name} --rung {dealt.rung} puts it"
            " there. Your changes are saved first."
        )
    return request(dealt.name), dealt.rung


def question(chosen: Request, rung: str) -> Question:
    """The bet: which files does our own patch change? Raises CommandFailed without a patch."""
    if not chosen.patch(rung).exists():
        raise CommandFailed(f"Request {chosen.number} has no patch at {rung}, so there is nothing to bet on.")
    laid = road(ROOT)
    tag = f"refs/tags/{RUNGS[rung]}"
    found = {
        change.old: change.kind.value
        for change in changes(laid.git, tag, answered(laid.git, chosen, rung))
        if not change.is_test and "/migrations/" not in change.path
    }
    here = production(laid.git("ls-tree", "-r", "--name-only", tag).splitlines())
    return Question(f"{chosen.name} at {rung}", f"{chosen.title}: which files will you change?", here, found)


def runs(chosen: Request, walk: Walk) -> list[Run]:
    """The two lights: the request's tests, and the own tests of the stage with the learner's changes."""
    stage = Stage("walk/", walk.folder)
    own, _ = stage_runs(stage)
    return [request_run(chosen, stage, "the request"), own]


def request_run(chosen: Request, stage: Stage, title: str) -> Run:
    """The black-box tests of a request at a stage."""
    tests = chosen.tests.relative_to(ROOT).as_posix()
    return Run(title, [tests, *OPTIONS, f"--stage-dir={stage.folder}"])


def compared(chosen: Request, rung: str, walk: Walk) -> Mapping[str, Cost]:
    """The learner's cost as `you`, then ours at each rung that has a patch."""
    index = walk.git.dir / "request-index"
    try:
        at = Git(walk.folder, index=index)
        at("read-tree", "HEAD")
        at("add", "--all", ".")
        yours = at("write-tree")
    finally:
        index.unlink(missing_ok=True)
    laid = road(ROOT)
    found = {"you": cost(walk.git, tree_of(rung), yours)}
    for each in chosen.rungs:
        found[each] = cost(laid.git, tree_of(each), answered(laid.git, chosen, each))
    return found


def answered(git: Git, chosen: Request, rung: str, *options: str) -> str:
    """The tree of our own answer at a rung. `options` are for `git apply`. Raises GitFailed."""
    return git.applied(tree_of(rung), chosen.patch(rung).read_bytes(), *options)


def _file() -> Path:
    return Path(os.environ.get("WS_WORK") or ROOT / "work") / ".request.json"
