"""How many histories, and which: from the environment, as `make test-equivalence` sets it."""

import os
import random

HISTORIES = int(os.environ.get("HISTORIES") or 500)
# The workers of pytest-xdist take the seed that their controller drew.
SEED = int(os.environ.setdefault("SEED", str(random.SystemRandom().randrange(1, 10**6))))
