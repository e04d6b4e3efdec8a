from typing import Protocol


class GiftNoteRepository(Protocol):
    """A store of gift notes."""

    def save(self, order_id: int, text: str) -> None: ...
