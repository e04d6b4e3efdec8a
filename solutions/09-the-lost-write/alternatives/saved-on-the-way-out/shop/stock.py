"""Reserving books for orders that are not paid yet. Knows no database: `items` is whatever keeps the items."""

from contextlib import contextmanager
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


@contextmanager
def changing(items, sku):
    """An item to change; it is saved at the end, unless it has refused."""
    item = items.get(sku)
    yield item
    items.save(item)


def reserve(items, sku, quantity):
    """Holds books for an order, and returns the item. Raises UnknownItem, NotEnough."""
    with changing(items, sku) as item:
        item.reserve(quantity)
    return item


def release(items, sku, quantity):
    """Gives back what was held, and returns the item. Raises UnknownItem, NotEnough."""
    with changing(items, sku) as item:
        item.release(quantity)
    return item
