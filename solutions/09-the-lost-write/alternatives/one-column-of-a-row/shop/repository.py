"""The repository of items: rows of Book, of which it uses three columns."""

from .models import Book
from .stock import Item, UnknownItem


class DjangoItems:
    def get(self, sku):
        row = Book.objects.filter(sku=sku).first()
        if row is None:
            raise UnknownItem(f"there is no book {sku}")
        return Item(sku=row.sku, on_hand=row.on_hand, reserved=row.reserved)

    def save(self, item):
        """Write the one column that a reservation changes. Other programs write the others."""
        row = Book.objects.filter(sku=item.sku).only("pk").first()
        if row is None:
            raise UnknownItem(f"there is no book {item.sku}")
        row.reserved = item.reserved
        row.save(update_fields=["reserved"])
