"""The `Transaction` port, and the effect of its end on `Events` and `Doorbell`."""

import pytest
from django.db import connection
from django.db.transaction import TransactionManagementError

from tests.builders import NOW, an_event
from tests.fakes import NotInATransaction, TransactionLost
from webhooks.application.ports import IdempotencyKeyTaken

from .storages import OrmStorage


class Trouble(Exception):
    pass


def name_of(storage, key):
    return storage.client(key).name


@pytest.fixture
def acme(committing_storage):
    return committing_storage.add_client("acme", name="Acme")


def test_its_end_keeps_what_was_written(committing_storage, acme):
    with committing_storage.transaction():
        committing_storage.rename(acme, "New")

    assert name_of(committing_storage, acme) == "New"


def change_and_fail(storage, key):
    with storage.transaction():
        storage.rename(key, "New")
        raise Trouble


def change_inside_and_fail_outside(storage, key):
    with storage.transaction():
        with storage.transaction():
            storage.rename(key, "New")
        raise Trouble


def test_an_exception_undoes_everything(committing_storage, acme):
    with pytest.raises(Trouble):
        change_and_fail(committing_storage, acme)

    assert name_of(committing_storage, acme) == "Acme"


def test_an_inner_transaction_ends_with_the_outer_one(committing_storage, acme):
    with pytest.raises(Trouble):
        change_inside_and_fail_outside(committing_storage, acme)

    assert name_of(committing_storage, acme) == "Acme"


def test_a_failing_inner_transaction_undoes_both(committing_storage, acme):
    with committing_storage.transaction():
        committing_storage.add_event("evt_1")
        with pytest.raises(Trouble):
            change_and_fail(committing_storage, acme)

    assert name_of(committing_storage, acme) == "Acme"
    assert committing_storage.event_ids() == []


def test_after_its_end_another_can_begin(committing_storage, acme):
    with pytest.raises(Trouble), committing_storage.transaction():
        raise Trouble

    with committing_storage.transaction():
        committing_storage.rename(acme, "New")

    assert name_of(committing_storage, acme) == "New"


def accept(storage, id, key):
    return storage.events.add(an_event(id=id), now=NOW, idempotency_key=key, fingerprint="f")


def accept_twice(storage):
    with storage.transaction():
        accept(storage, "evt_2", "key-2")
        accept(storage, "evt_3", "key-1")


def test_a_key_that_is_taken_loses_the_transaction(committing_storage):
    accept(committing_storage, "evt_1", "key-1")

    with pytest.raises(IdempotencyKeyTaken):
        accept_twice(committing_storage)

    assert committing_storage.event_ids() == ["evt_1"]
    assert committing_storage.events.accepted_under("key-1").id == "evt_1"
    assert committing_storage.events.accepted_under("key-2") is None


def test_nothing_can_be_looked_up_in_a_transaction_that_is_lost(committing_storage):
    accept(committing_storage, "evt_1", "key-1")

    with committing_storage.transaction():
        with pytest.raises(IdempotencyKeyTaken):
            accept(committing_storage, "evt_2", "key-1")
        with pytest.raises((TransactionManagementError, TransactionLost)):
            committing_storage.events.accepted_under("key-1")


def test_a_lock_needs_a_transaction(committing_storage, acme):
    if isinstance(committing_storage, OrmStorage) and not connection.features.has_select_for_update:
        pytest.skip("This database has no row locks, so Django ignores a missing transaction; the fake does not.")

    with pytest.raises((TransactionManagementError, NotInATransaction)):
        committing_storage.clients.lock([acme])
