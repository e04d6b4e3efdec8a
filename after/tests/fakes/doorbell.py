from .store import Store


class FakeDoorbell:
    """The `Doorbell` port. `heard` counts the rings that reached the workers."""

    def __init__(self, store: Store) -> None:
        self.heard = 0
        self._store = store

    def ring(self) -> None:
        if self._store.in_transaction:
            self._store.at_commit.append(self._hear)
        else:
            self._hear()

    def _hear(self) -> None:
        self.heard += 1
