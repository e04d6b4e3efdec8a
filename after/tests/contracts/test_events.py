"""The `Events` port."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError

from tests.builders import NOW, an_event
from webhooks.application.ports import IdempotencyKeyTaken
from webhooks.domain.delivery import CANCELLATION, Status
from webhooks.domain.event import AcceptedEvent, EventType
from webhooks.domain.money import Money

from .storages import OrmStorage, a_new_delivery

DAY = timedelta(days=1)


def test_an_event_is_kept_whole(storage):
    event = an_event(
        "1234.567",
        "KWD",
        type=EventType.PAYMENT_FAILED,
        customer={"email": None},
        reference="R 1",
        failure=("05", "Do not honour"),
        id="evt_7",
    )

    key = storage.events.add(event, now=NOW + DAY, idempotency_key="key-1", fingerprint="f")

    kept, created_at, idempotency_key, fingerprint = storage.event(key)
    assert kept == event and kept.money == Money(Decimal("1234.567"), "KWD")
    assert (created_at, idempotency_key, fingerprint) == (NOW + DAY, "key-1", "f")


def test_every_event_has_a_key_of_its_own_and_none_needs_an_idempotency_key(storage):
    first, second = storage.add_event("evt_1"), storage.add_event("evt_2")

    assert first != second
    assert storage.event_ids() == ["evt_1", "evt_2"]
    assert storage.event(first)[2:] == (None, None)


def test_a_second_event_under_a_key_is_refused(committing_storage):
    committing_storage.add_event("evt_1", key="key-1")

    with pytest.raises(IdempotencyKeyTaken), committing_storage.transaction():
        committing_storage.events.add(an_event(id="evt_2"), now=NOW, idempotency_key="key-1", fingerprint="f")

    assert committing_storage.event_ids() == ["evt_1"]


@pytest.mark.django_db
def test_another_constraint_is_not_mistaken_for_the_idempotency_key():
    OrmStorage().add_event("evt_1", key="key-1")

    with pytest.raises(IntegrityError), OrmStorage().transaction():
        OrmStorage().events.add(an_event(id="evt_1"), now=NOW, idempotency_key="idempotency_key", fingerprint="f")


def test_what_was_accepted_under_a_key_is_found_with_its_number_of_deliveries(storage):
    acme, other = storage.add_client("acme"), storage.add_client("other")
    event = storage.events.add(an_event(id="evt_1"), now=NOW, idempotency_key="key-1", fingerprint="f")
    storage.outbox.add(event, [a_new_delivery(acme, "dlv_1"), a_new_delivery(other, "dlv_2")], CANCELLATION)

    assert storage.events.accepted_under("key-1") == AcceptedEvent("evt_1", "f", 2)
    assert storage.events.accepted_under("key-2") is None


def test_an_old_event_goes_with_its_deliveries_and_their_attempts(storage):
    acme = storage.add_client("acme")
    old = storage.add_event("evt_old", at=NOW - DAY, key="key-1")
    storage.add_delivery(acme, "dlv_old", old, status=Status.DEAD, next_attempt_at=None)
    new = storage.add_event("evt_new", at=NOW)
    storage.add_delivery(acme, "dlv_new", new, status=Status.DEAD, next_attempt_at=None)

    assert storage.events.prune(NOW) == 1

    assert (storage.event_ids(), storage.delivery_ids()) == (["evt_new"], ["dlv_new"])
    assert storage.events.accepted_under("key-1") is None


def test_an_event_with_something_pending_stays(storage):
    acme, other = storage.add_client("acme"), storage.add_client("other")
    event = storage.add_event("evt_1", at=NOW - DAY)
    storage.add_delivery(acme, "dlv_1", event, status=Status.DELIVERED, next_attempt_at=None)
    storage.add_delivery(other, "dlv_2", event)

    assert storage.events.prune(NOW) == 0
    assert storage.delivery_ids() == ["dlv_1", "dlv_2"]


def test_an_event_without_deliveries_goes_too(storage):
    storage.add_event("evt_1", at=NOW - DAY)

    assert storage.events.prune(NOW) == 1
    assert storage.event_ids() == []
