"""A learner's version of a stage: the present files in walk/, as a stage that every command takes."""

from dataclasses import dataclass

from workshop import ROOT
from workshop.base.counting import counted
from workshop.base.stages import Stage, stage
from workshop.base.problems import CommandFailed
from workshop.base.names import title
from workshop.walk.walk import Walk

WALK = "walk"


@dataclass(frozen=True)
class Chosen:
    """The stage to test, and a sentence that describes it; the sentence is empty for a stage without changes."""

    stage: Stage
    said: str = ""


def choose(written: str, walk: Walk | None = None) -> Chosen:
    """The stage of that name, or walk/ itself if it is at that stage with changes. `walk` always names walk/.

    Raises CommandFailed if there is no such stage, or walk/ is named and does not exist.
    """
    walk = walk or Walk(ROOT)
    if written.strip().lower() == WALK or not written.strip():
        if not walk.is_laid_out:
            raise CommandFailed("There is no walk/ yet: make walk makes it. Or name a stage: STEP=3.")
        return _in_walk(walk)
    published = stage(written)
    if walk.is_laid_out and published.name == walk.standing().stage and _changed(walk, published.name):
        return _in_walk(walk)
    return Chosen(published)


def _in_walk(walk: Walk) -> Chosen:
    name = walk.standing().stage
    changed = _changed(walk, name)
    files = f"{counted(len(changed), 'file')} changed by you" if changed else "unchanged"
    named = f": {', '.join(changed[:3])}{', …' if len(changed) > 3 else ''}" if changed else ""
    said = f"Testing walk/ as it is now: {title(name)}, {files}{named}."
    return Chosen(Stage(f"walk/ at {name}" + (", with your changes" if changed else ""), walk.folder), said)


def _changed(walk: Walk, name: str) -> list[str]:
    """The files in walk/ that differ from the stage, committed or not."""
    return sorted({*walk.git.changed_since(f"refs/tags/{name}")})
