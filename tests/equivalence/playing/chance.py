"""Random values that are the same at every stage: they depend on the time, not on the caller or the number of calls.

A stage may draw jitter for a delivery that then needs none. With a seeded generator all later draws would differ; here
every draw of one frozen moment is the same, and each moment has one of its own.
"""

import hashlib
import random
import time


class OfTheMoment(random.Random):
    """A generator whose draws are made from the wall clock, which the test has frozen."""

    def random(self) -> float:
        return int.from_bytes(self._digest()[:6], "big") / 2**48

    def getrandbits(self, k: int, /) -> int:
        return int.from_bytes(self._digest(), "big") % 2**k

    @staticmethod
    def _digest() -> bytes:
        return hashlib.sha256(str(time.time_ns()).encode()).digest()


def put_in_place() -> None:
    """Replaces the functions of `random`, before the stage is loaded. Ids and tokens come from the system: not these."""
    chance = OfTheMoment()
    for name in ("random", "uniform", "triangular", "gauss", "randint", "randrange", "choice", "getrandbits"):
        setattr(random, name, getattr(chance, name))
