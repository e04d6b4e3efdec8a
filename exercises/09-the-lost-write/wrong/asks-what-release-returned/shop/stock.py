"""Reserving books for orders that are not paid yet. Knows no database: `items` is whatever keeps the items."""

from dataclasses import dataclass


class UnknownItem(LookupError):
    """Nobody keeps an item with this number."""


class NotEnough(Exception):
    """More was asked for than there is."""


@dataclass
class Item:
    """How many of a book there are, and how many of them wait for an order to be paid."""

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
    """Holds books for an order, and returns the item. Raises UnknownItem, NotEnough."""
    item = items.get(sku)
    item.reserve(quantity)
    items.save(item)
    return item


def release(items, sku, quantity):
    """Gives back what was held, and returns the item. Raises UnknownItem, NotEnough."""
    item = items.get(sku)
    item.release(quantity)
    items.save(item)
    return item
