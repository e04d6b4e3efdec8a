"""The messages after a move in walk/: the new place and, if the learner fell behind, the pages to read."""

import os
from collections.abc import Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base.names import STEPS, folder_name, number_of, title
from workshop.walk.walk import Arrival

LATE = "If you are late"


def told(arrival: Arrival) -> Iterator[str]:
    """The stage of walk/, and the place of the learner's changes."""
    for saved in arrival.saved:
        yield f"Saved: {saved.what} is on the branch {saved.branch}."
        yield f"  git -C {os.environ.get('WS_WALK') or 'walk'} checkout {saved.branch} brings it back."
    yield f"walk/ is at {title(arrival.stage)}."


def reading(arrival: Arrival, root: Path = ROOT) -> Iterator[str]:
    """The pages to read about the skipped steps, and the place to go on."""
    here, was = number_of(arrival.stage), number_of(arrival.was or "before")
    passed = range(was + 1, here + 1)
    if passed:
        which = f"step {here}" if len(passed) == 1 else f"steps {passed.start} to {here}"
        pages = ", ".join(f"steps/{folder_name(number)}/" for number in passed)
        yield f"You passed {which}: read “{LATE}” in the README of {pages}."
    else:
        yield f"You had already reached this stage: steps/{folder_name(here)}/README.md describes it."
    if here < len(STEPS):
        yield f"Go on with steps/{folder_name(here + 1)}/README.md."
    else:
        yield "That was the last step: docs/after.md says how the server is built now."
