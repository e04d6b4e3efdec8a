"""Values that must be unpredictable or unique."""

from typing import Protocol


class Randomness(Protocol):
    """Ids, tokens, and the jitter of a wait."""

    def event_id(self) -> str:
        """`evt_` and the 26 characters of a ULID."""
        ...

    def delivery_id(self) -> str:
        """`dlv_` and the 26 characters of a ULID."""
        ...

    def lease_token(self) -> str:
        """32 characters, unique to each claim."""
        ...

    def jitter_factor(self, jitter: float) -> float:
        """A number from `1 - jitter` to `1 + jitter`, evenly distributed."""
        ...
