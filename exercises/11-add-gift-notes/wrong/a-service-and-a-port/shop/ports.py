from typing import Protocol


class GiftNoteRepository(Protocol):
    """Where gift notes are kept."""

    def save(self, order_id: int, text: str) -> None: ...
