from .ports import GiftNoteRepository
from .repositories import DjangoGiftNoteRepository


class GiftNoteService:
    """The use case: a customer adds a note to an order."""

    def __init__(self, notes: GiftNoteRepository):
        self.notes = notes

    def add(self, order, text):
        self.notes.save(order.pk, text)
        order.gift_note = text


def gift_note_service():
    return GiftNoteService(DjangoGiftNoteRepository())
