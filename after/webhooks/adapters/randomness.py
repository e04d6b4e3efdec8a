"""Ids, tokens and jitter."""

import random
import uuid

from plumbing.ids import new_id


class SystemRandomness:
    """The `Randomness` port on the generators of this machine."""

    def event_id(self) -> str:
        return new_id("evt")

    def delivery_id(self) -> str:
        return new_id("dlv")

    def lease_token(self) -> str:
        return uuid.uuid4().hex

    def jitter_factor(self, jitter: float) -> float:
        return random.uniform(1 - jitter, 1 + jitter)
