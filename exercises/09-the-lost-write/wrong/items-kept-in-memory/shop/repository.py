"""Where items are kept: rows of Book, of which this knows three columns."""

from dataclasses import replace

from .models import Book
from .stock import Item, UnknownItem


class DjangoItems:
    known = {}  # items by number: a table is slow

    def get(self, sku):
        if sku in self.known:
            return replace(self.known[sku])
        row = Book.objects.filter(sku=sku).first()
        if row is None:
            raise UnknownItem(f"there is no book {sku}")
        self.known[sku] = Item(sku=row.sku, on_hand=row.on_hand, reserved=row.reserved)
        return replace(self.known[sku])

    def save(self, item):
        """Writes the one column that reserving changes. The others have writers of their own."""
        if not Book.objects.filter(sku=item.sku).update(reserved=item.reserved):
            raise UnknownItem(f"there is no book {item.sku}")
        self.known[item.sku] = replace(item)
