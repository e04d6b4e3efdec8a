"""The repository of items: rows of Book, of which it uses three columns."""

from .models import Book
from .stock import Item, UnknownItem


class DjangoItems:
    def get(self, sku):
        row = Book.objects.filter(sku=sku).first()
        if row is None:
            raise UnknownItem(f"there is no book {sku}")
        return Item(sku=row.sku, on_hand=row.on_hand, reserved=row.reserved)
