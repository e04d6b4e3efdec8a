import pytest

from shop.stock import Item, NotEnough, UnknownItem, release, reserve


class FakeItems:
    """Items in memory, so that these tests need no database."""

    def __init__(self, *items):
        self.items = {item.sku: item for item in items}

    def get(self, sku):
        try:
            return self.items[sku]
        except KeyError:
            raise UnknownItem(f"there is no book {sku}") from None


@pytest.fixture(params=[FakeItems])
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
