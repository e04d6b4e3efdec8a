from copy import copy

import pytest

from shop.models import Book
from shop.repository import DjangoItems
from shop.stock import Item, NotEnough, UnknownItem, release, reserve


class FakeItems:
    """Items in memory, so that these tests need no database. Like a database, it returns copies and keeps copies."""

    def __init__(self, *items):
        self.items = {item.sku: item for item in items}

    def get(self, sku):
        try:
            return copy(self.items[sku])
        except KeyError:
            raise UnknownItem(f"there is no book {sku}") from None

    def save(self, item):
        self.items[item.sku] = copy(item)


class Contract:
    """The contract of every repository of items. Subclasses make a repository with an item in it."""

    def test_an_item_is_kept(self):
        items = self.keep(Item("dune", on_hand=3, reserved=1))

        assert items.get("dune") == Item("dune", on_hand=3, reserved=1)

    def test_nobody_knows_other_items(self):
        with pytest.raises(UnknownItem):
            self.keep(Item("dune", on_hand=3)).get("emma")

    def test_a_change_is_kept_once_it_is_saved(self):
        items = self.keep(Item("dune", on_hand=3))
        item = items.get("dune")
        item.reserve(2)
        before = items.get("dune").reserved
        items.save(item)

        assert (before, items.get("dune").reserved) == (0, 2)


class TestFakeItems(Contract):
    keep = FakeItems


@pytest.mark.django_db
class TestDjangoItems(Contract):
    def keep(self, item):
        Book.objects.create(sku=item.sku, title=item.sku, price=1, on_hand=item.on_hand, reserved=item.reserved)
        return DjangoItems()


def test_what_is_reserved_is_no_longer_available():
    items = FakeItems(Item("dune", on_hand=3))

    reserve(items, "dune", 2)

    assert items.get("dune").available == 1


def test_no_more_is_reserved_than_there_is():
    items = FakeItems(Item("dune", on_hand=3, reserved=2))

    with pytest.raises(NotEnough):
        reserve(items, "dune", 2)


def test_what_is_released_is_available_again():
    items = FakeItems(Item("dune", on_hand=3, reserved=2))

    release(items, "dune", 1)

    assert items.get("dune").reserved == 1
