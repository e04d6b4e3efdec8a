from datetime import datetime, timedelta

from tests.builders import NOW


class FakeClock:
    """The `Clock` port. Its time changes only when a test moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def pass_by(self, **how_long: float) -> None:
        """`clock.pass_by(seconds=90)`"""
        self._now += timedelta(**how_long)
