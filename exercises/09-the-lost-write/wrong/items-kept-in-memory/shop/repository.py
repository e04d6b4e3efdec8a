"""The repository of items: rows of Book, of which it uses three columns."""

from dataclasses import replace

from .models import Book
from .stock import Item, UnknownItem


class DjangoItems:
    known = {}  # items by number, because reading a table is slow

    def get(self, sku):
        if sku in self.known:
            return replace(self.known[sku])
        row = Book.objects.filter(sku=sku).first()
        if row is None:
            raise UnknownItem(f"there is no book {sku}")
        self.known[sku] = Item(sku=row.sku, on_hand=row.on_hand, reserved=row.reserved)
        return replace(self.known[sku])

    def save(self, item):
        """Write the one column that a reservation changes. Other programs write the others."""
        if not Book.objects.filter(sku=item.sku).update(reserved=item.reserved):
            raise UnknownItem(f"there is no book {item.sku}")
        self.known[item.sku] = replace(item)
