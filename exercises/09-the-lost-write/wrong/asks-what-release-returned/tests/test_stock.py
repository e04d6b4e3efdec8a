from copy import copy
from decimal import Decimal

import pytest

from shop.models import Book
from shop.repository import DjangoItems
from shop.stock import Item, NotEnough, UnknownItem, release, reserve

pytestmark = pytest.mark.django_db


class FakeItems:
    """Items in memory, as rows: a change that is not saved is forgotten."""

    def __init__(self, *items):
        self.items = {item.sku: copy(item) for item in items}

    def get(self, sku):
        try:
            return copy(self.items[sku])
        except KeyError:
            raise UnknownItem(f"there is no book {sku}") from None

    def save(self, item):
        self.items[item.sku] = copy(item)


def in_the_database(*items):
    for item in items:
        Book.objects.create(sku=item.sku, title="Dune", price="9.90", on_hand=item.on_hand, reserved=item.reserved)
    return DjangoItems()


@pytest.fixture(params=[FakeItems, in_the_database])
def keep(request):
    return request.param


def test_an_item_is_kept(keep):
    items = keep(Item("dune", on_hand=3, reserved=1))
    assert items.get("dune") == Item("dune", on_hand=3, reserved=1)


def test_nobody_knows_other_items(keep):
    items = keep(Item("dune", on_hand=3))
    with pytest.raises(UnknownItem):
        items.get("emma")


def test_what_is_saved_is_there(keep):
    items = keep(Item("dune", on_hand=3, reserved=1), Item("emma", on_hand=3))
    item = items.get("dune")
    item.reserved = 2
    items.save(item)
    assert items.get("dune").reserved == 2
    assert items.get("emma").reserved == 0


def test_what_nobody_saves_is_forgotten(keep):
    items = keep(Item("dune", on_hand=3))
    items.get("dune").reserve(1)
    assert items.get("dune").reserved == 0


def test_what_others_write_stays():
    items = in_the_database(Item("dune", on_hand=3))
    item = items.get("dune")
    Book.objects.update(price="12.00", on_hand=7)
    item.reserve(1)
    items.save(item)
    book = Book.objects.get()
    assert (book.price, book.on_hand, book.reserved) == (Decimal("12.00"), 7, 1)


def test_what_is_reserved_is_no_longer_available():
    items = FakeItems(Item("dune", on_hand=3))
    reserve(items, "dune", 2)
    assert items.get("dune").available == 1


def test_no_more_is_reserved_than_there_is():
    items = FakeItems(Item("dune", on_hand=3, reserved=2))
    with pytest.raises(NotEnough):
        reserve(items, "dune", 2)
    assert items.get("dune").reserved == 2


def test_what_is_released_is_available_again():
    items = FakeItems(Item("dune", on_hand=3, reserved=2))
    item = release(items, "dune", 1)
    assert item.reserved == 1
