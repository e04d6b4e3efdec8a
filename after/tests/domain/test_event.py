from decimal import Decimal

import pytest

from tests.builders import NOW
from webhooks.domain.event import (
    SUBSCRIPTIONS,
    AcceptedEvent,
    Customer,
    EventType,
    IdempotencyKeyReused,
    PostedEvent,
    covered,
    example_event,
)
from webhooks.domain.money import Money

PAYMENTS = {"payment.authorized", "payment.captured", "payment.failed", "payment.refunded"}


def test_the_types_are_those_of_the_platform():
    assert set(EventType) == PAYMENTS | {"payout.paid"}


def test_a_client_subscribes_to_types_to_all_payments_or_to_everything():
    assert set(SUBSCRIPTIONS) == PAYMENTS | {"payout.paid", "payment.*", "*"}


@pytest.mark.parametrize(
    "entries, types",
    [
        ([], set()),
        (["payout.paid"], {"payout.paid"}),
        (["payment.failed", "payout.paid"], {"payment.failed", "payout.paid"}),
        (["payment.*"], PAYMENTS),
        (["*"], PAYMENTS | {"payout.paid"}),
        (["payment.*", "payout.paid"], PAYMENTS | {"payout.paid"}),
    ],
)
def test_entries_cover_types(entries, types):
    assert covered(entries) == types


@pytest.mark.parametrize("entry", ["payout.*", "payment.", "p*", ".*", "payment", "PAYOUT.PAID"])
def test_entries_are_compared_and_never_compiled(entry):
    assert covered([entry]) == set()


def test_entries_may_come_from_anything_that_can_be_gone_through_once():
    assert covered(iter(["payment.*", "payout.paid"])) == set(EventType)


def test_the_example_is_the_documentations_and_occurs_now():
    assert example_event(NOW) == PostedEvent(
        type=EventType.PAYMENT_CAPTURED,
        occurred_at=NOW,
        payment_id="pay_01",
        money=Money(Decimal("10.10"), "USD"),
        status="captured",
        customer=Customer("cus_1", "Zoë Müller", "zoe@example.com", "DE89370400440532013000"),
        reference=None,
        failure=None,
    )


def test_an_event_has_an_id_and_what_was_posted_has_none():
    posted = example_event(NOW)

    event = posted.with_id("evt_1")

    assert (event.id, event.with_id("evt_2").id) == ("evt_1", "evt_2")
    assert (event.type, event.money, event.customer) == (posted.type, posted.money, posted.customer)
    assert not hasattr(posted, "id")


def test_a_replay_has_the_body_of_the_event_that_was_accepted():
    accepted = AcceptedEvent("evt_1", "fingerprint", deliveries=2)

    accepted.check_replay("fingerprint")

    with pytest.raises(IdempotencyKeyReused):
        accepted.check_replay("another")
