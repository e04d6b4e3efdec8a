"""Reserve books for orders that are not paid yet. Knows no database: `items` is any repository of items."""

from dataclasses import dataclass, replace


class UnknownItem(LookupError):
    """There is no item with this number."""


class NotEnough(Exception):
    """The quantity is larger than what is available or reserved."""


@dataclass(frozen=True)
class Item:
    """How many copies of a book there are, and how many of them are reserved for orders. A change makes a new item."""

    sku: str
    on_hand: int
    reserved: int = 0

    @property
    def available(self):
        return self.on_hand - self.reserved

    def reserve(self, quantity):
        if quantity > self.available:
            raise NotEnough(f"{self.available} of {self.sku} are available")
        return replace(self, reserved=self.reserved + quantity)

    def release(self, quantity):
        if quantity > self.reserved:
            raise NotEnough(f"{self.reserved} of {self.sku} are reserved")
        return replace(self, reserved=self.reserved - quantity)


def reserve(items, sku, quantity):
    """Reserve books for an order, and return the item. Raises UnknownItem, NotEnough."""
    item = items.get(sku).reserve(quantity)
    items.save(item)
    return item


def release(items, sku, quantity):
    """End a reservation of books, and return the item. Raises UnknownItem, NotEnough."""
    item = items.get(sku).release(quantity)
    items.save(item)
    return item
