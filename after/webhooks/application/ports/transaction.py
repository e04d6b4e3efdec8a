"""All or nothing."""

from contextlib import AbstractContextManager
from typing import Protocol


class Transaction(Protocol):
    """`with transaction():` commits at its end, and undoes everything where it is left by an exception.

    One inside another is a part of it.
    """

    def __call__(self) -> AbstractContextManager[object]: ...
