from itertools import count


class FakeRandomness:
    """The `Randomness` port, with a counter. `leans`, from -1 to 1, is the place of a factor in its range."""

    def __init__(self, leans: float = 0.0) -> None:
        self.leans = leans
        self._numbers = count(1)

    def event_id(self) -> str:
        return f"evt_{next(self._numbers):026}"

    def delivery_id(self) -> str:
        return f"dlv_{next(self._numbers):026}"

    def lease_token(self) -> str:
        return f"{next(self._numbers):032}"

    def jitter_factor(self, jitter: float) -> float:
        return 1 + jitter * self.leans
