"""Whatever must not be predictable, or not be the same twice."""

from typing import Protocol


class Randomness(Protocol):
    """Ids, tokens, and how far a wait is stretched."""

    def event_id(self) -> str:
        """`evt_` and the 26 characters of a ULID."""
        ...

    def delivery_id(self) -> str:
        """`dlv_` and the 26 characters of a ULID."""
        ...

    def lease_token(self) -> str:
        """32 characters that no other claim has."""
        ...

    def jitter_factor(self, jitter: float) -> float:
        """From `1 - jitter` to `1 + jitter`, evenly."""
        ...
