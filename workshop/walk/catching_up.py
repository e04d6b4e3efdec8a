"""What a move in walk/ tells the learner: where it is now, and, after somebody fell behind, what to read."""

import os
from collections.abc import Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base.names import STEPS, folder_name, number_of, title
from workshop.walk.walk import Arrival

LATE = "If you are late"


def told(arrival: Arrival) -> Iterator[str]:
    """Where walk/ is now, and where the learner's changes are."""
    for saved in arrival.saved:
        yield f"Saved: {saved.what} is on the branch {saved.branch}."
        yield f"  git -C {os.environ.get('WS_WALK') or 'walk'} checkout {saved.branch} brings it back."
    yield f"walk/ is at {title(arrival.stage)}."


def reading(arrival: Arrival, root: Path = ROOT) -> Iterator[str]:
    """What to read of the steps that were passed, and where to go on."""
    here, was = number_of(arrival.stage), number_of(arrival.was or "before")
    passed = range(was + 1, here + 1)
    if passed:
        which = f"step {here}" if len(passed) == 1 else f"steps {passed.start} to {here}"
        pages = ", ".join(f"steps/{folder_name(number)}/" for number in passed)
        yield f"You passed {which}: read “{LATE}” in the README of {pages}."
    else:
        yield f"This is no further than you were: steps/{folder_name(here)}/README.md says what this stage is."
    if here < len(STEPS):
        yield f"Go on with steps/{folder_name(here + 1)}/README.md."
    else:
        yield "That was the last step: docs/after.md says how the server is built now."
