"""Reserve books for orders that are not paid yet. Knows no database: `items` is any repository of items."""

from dataclasses import dataclass


class UnknownItem(LookupError):
    """There is no item with this number."""


class NotEnough(Exception):
    """The quantity is larger than what is available or reserved."""


@dataclass
class Item:
    """How many copies of a book there are, and how many of them are reserved for orders."""

    sku: str
    on_hand: int
    reserved: int = 0

    @property
    def available(self):
        return self.on_hand - self.reserved

    def reserve(self, quantity):
        if quantity > self.available:
            raise NotEnough(f"{self.available} of {self.sku} are available")
        self.reserved += quantity

    def release(self, quantity):
        if quantity > self.reserved:
            raise NotEnough(f"{self.reserved} of {self.sku} are reserved")
        self.reserved -= quantity


def reserve(items, sku, quantity):
    """Reserve books for an order, and return the item. Raises UnknownItem, NotEnough."""
    item = items.get(sku)
    item.reserve(quantity)
    items.save(item)
    return item


def release(items, sku, quantity):
    """End a reservation of books, and return the item. Raises UnknownItem, NotEnough."""
    item = items.get(sku)
    item.release(quantity)
    items.save(item)
    return item
