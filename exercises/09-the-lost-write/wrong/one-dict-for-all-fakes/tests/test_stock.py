from dataclasses import replace

import pytest

from shop.models import Book
from shop.repository import DjangoItems
from shop.stock import Item, NotEnough, UnknownItem, release, reserve


class FakeItems:
    """Items in memory, so that these tests need no database. Like a database, it returns copies and keeps copies."""

    items = {}

    def __init__(self, *items):
        self.items.update({item.sku: item for item in items})

    def get(self, sku):
        try:
            return replace(self.items[sku])
        except KeyError:
            raise UnknownItem(f"there is no book {sku}") from None

    def save(self, item):
        self.items[item.sku] = replace(item)


def rows_of(*items):
    for item in items:
        Book.objects.create(sku=item.sku, title=item.sku, price=1, on_hand=item.on_hand, reserved=item.reserved)
    return DjangoItems()


@pytest.fixture(params=[FakeItems, pytest.param(rows_of, marks=pytest.mark.django_db)])
def keep(request):
    """Make a repository with an item in it. The tests below are the contract of every repository."""
    return request.param


def test_an_item_is_kept(keep):
    items = keep(Item("dune", on_hand=3, reserved=1))

    assert items.get("dune") == Item("dune", on_hand=3, reserved=1)


def test_nobody_knows_other_items(keep):
    items = keep(Item("dune", on_hand=3))

    with pytest.raises(UnknownItem):
        items.get("emma")


def test_what_is_saved_is_kept(keep):
    items = keep(Item("dune", on_hand=3))
    item = items.get("dune")

    item.reserve(2)
    items.save(item)

    assert items.get("dune").reserved == 2


def test_what_is_not_saved_is_forgotten(keep):
    items = keep(Item("dune", on_hand=3))

    items.get("dune").reserve(2)

    assert items.get("dune").reserved == 0


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
