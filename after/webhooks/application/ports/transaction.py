"""All or nothing."""

from contextlib import AbstractContextManager
from typing import Protocol


class Transaction(Protocol):
    """`with transaction():` commits at its end, or undoes everything after an exception.

    An inner transaction is part of the outer one.
    """

    def __call__(self) -> AbstractContextManager[object]: ...
