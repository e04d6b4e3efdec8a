"""Simple values for tests; a test names only the members that matter to it."""

from datetime import UTC, datetime
from decimal import Decimal

from webhooks.domain.delivery import ClaimedDelivery, Endpoint, Lease
from webhooks.domain.event import Customer, Event, EventType, Failure
from webhooks.domain.money import Money

NOW = datetime(2026, 11, 22, 13, 27, 24, 123456, UTC)
LEASED_UNTIL = datetime(2026, 11, 22, 13, 28, 54, 123456, UTC)


def a_customer(**changes) -> Customer:
    return Customer(
        **{"id": "cus_1", "name": "Zoë Müller", "email": "zoe@example.com", "iban": "DE89370400440532013000"} | changes
    )


def an_event(amount="10.10", currency="USD", customer=None, failure=None, **changes) -> Event:
    """A captured payment; `failure` is a pair of code and message, `customer` what differs."""
    fields = {
        "type": EventType.PAYMENT_CAPTURED,
        "occurred_at": NOW,
        "payment_id": "pay_01",
        "money": Money(Decimal(amount), currency),
        "status": "captured",
        "customer": a_customer(**(customer or {})),
        "reference": None,
        "failure": failure and Failure(*failure),
        "id": "evt_1",
    }
    return Event(**fields | changes)


def an_endpoint(**changes) -> Endpoint:
    fields = {"client_key": 1, "slug": "acme", "url": "https://acme.example/hooks", "mask": (), "secret": "sealed:new"}
    return Endpoint(**fields | changes)


def a_claimed_delivery(**changes) -> ClaimedDelivery:
    """A delivery that a worker holds, at its first attempt."""
    fields = {
        "key": 7,
        "id": "dlv_7",
        "event_id": "evt_1",
        "endpoint": an_endpoint(),
        "customer": a_customer(),
        "body": b"{}",
        "content_type": "application/json",
        "ack_rule": "2xx",
        "mask": (),
        "failed_before": 0,
        "lease": Lease("token", LEASED_UNTIL),
    }
    return ClaimedDelivery(**fields | changes)
