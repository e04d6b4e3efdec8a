"""The number of histories, their seed and the stages, from the environment that `./ws test-equivalence` sets."""

import os
import random

from workshop.base.stages import Stage, all_stages, stage, stages

HISTORIES = int(os.environ.get("HISTORIES") or 500)
# The workers of pytest-xdist take the seed that their controller drew.
SEED = int(os.environ.setdefault("SEED", str(random.SystemRandom().randrange(1, 10**6))))


def chosen_stages() -> list[Stage]:
    """The two ends; STAGES=all takes every stage between them too, STAGES=before,step-05 those named."""
    names = os.environ.get("STAGES", "")
    if names == "all":
        return all_stages()
    return [stage(name.strip()) for name in names.split(",")] if names else stages()
