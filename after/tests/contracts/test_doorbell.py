"""The `Doorbell` port."""

import pytest

from tests.fakes import FakeDoorbell, FakeTransaction, Store
from webhooks.adapters import doorbell
from webhooks.composition import in_transaction


class FakeHouse:
    """A doorbell whose rings are counted, and the transaction that it waits for."""

    def __init__(self):
        store = Store()
        self.bell, self.transaction = FakeDoorbell(store), FakeTransaction(store)

    @property
    def heard(self):
        return self.bell.heard


class RealHouse:
    """The doorbell of a server that delivers with Celery, up to the thread that uses the broker."""

    def __init__(self):
        self.bell, self.transaction, self.heard = doorbell.CommitDoorbell(), in_transaction, 0

    def press(self):
        self.heard += 1


@pytest.fixture(params=["fake", "real"])
def house(request, transactional_db, settings, monkeypatch):
    if request.param == "fake":
        return FakeHouse()
    settings.DELIVERY_ENGINE = "celery"
    house = RealHouse()
    monkeypatch.setattr(doorbell, "_doorbell", house)
    return house


def test_a_ring_is_heard_once_the_transaction_has_committed(house):
    with house.transaction():
        house.bell.ring()
        heard_before = house.heard

    assert (heard_before, house.heard) == (0, 1)


def test_a_ring_inside_two_transactions_waits_for_the_outer_one(house):
    with house.transaction():
        with house.transaction():
            house.bell.ring()
        heard_before = house.heard

    assert (heard_before, house.heard) == (0, 1)


def ring_and_fail(house):
    with house.transaction():
        house.bell.ring()
        raise ValueError("undone")


def test_a_ring_of_what_was_undone_is_not_heard(house):
    with pytest.raises(ValueError, match="undone"):
        ring_and_fail(house)

    with house.transaction():
        pass

    assert house.heard == 0


def test_a_ring_outside_any_transaction_is_heard_at_once(house):
    house.bell.ring()

    assert house.heard == 1
