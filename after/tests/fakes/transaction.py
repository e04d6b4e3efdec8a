from collections.abc import Iterator
from contextlib import contextmanager

from .store import Store


class FakeTransaction:
    """The `Transaction` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @contextmanager
    def __call__(self) -> Iterator[None]:
        store = self._store
        if store.in_transaction:
            yield from self._part_of_the_outer_one()
            return
        picture, store.in_transaction = store.picture(), True
        try:
            yield
        except BaseException:
            store.is_lost = True
            raise
        finally:
            is_lost, at_commit = store.is_lost, store.at_commit
            store.in_transaction, store.is_lost, store.at_commit = False, False, []
            if is_lost:
                store.restore(picture)
        for call in [] if is_lost else at_commit:
            call()

    def _part_of_the_outer_one(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._store.is_lost = True
            raise
