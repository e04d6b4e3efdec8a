"""Ctrl-C and other signals to end: noted at once, and obeyed at a safe moment."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopped(Exception):
    """Ctrl-C, or a signal that asks to end."""

    def __init__(self, number: int) -> None:
        super().__init__("Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def signals_noted() -> Iterator[Callable[[], None]]:
    """Yields a check that raises `Stopped` once a signal has asked to end.

    The handler itself only notes the signal. An exception from a handler would be lost inside a finalizer, and would
    break off clean-up code.
    """
    asked: list[int] = []

    def check() -> None:
        if asked:
            raise Stopped(asked[0])

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    earlier = {number: signal.signal(number, lambda number, frame: asked.append(number)) for number in numbers}
    try:
        yield check
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
