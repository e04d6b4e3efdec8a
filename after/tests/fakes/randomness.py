from itertools import count


class FakeRandomness:
    """The `Randomness` port, counting. `leans` from -1 to 1 says where in its range a factor is."""

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
