"""Events for tests, saved or not."""

from datetime import UTC, datetime
from decimal import Decimal

from plumbing.outbound import Answer
from webhooks.models import Attempt, Delivery, Event

FIELDS = {
    "type": "payment.captured",
    "occurred_at": datetime(2026, 11, 22, 13, 27, 24, 123456, UTC),
    "payment_id": "pay_01",
    "amount": Decimal("10.10"),
    "currency": "USD",
    "status": "captured",
    "customer_id": "cus_1",
    "customer_name": "Zoë Müller",
    "customer_email": "zoe@example.com",
    "customer_iban": "DE89370400440532013000",
}


def an_event(**changes) -> Event:
    return Event.posted(**{**FIELDS, **changes})


def finished(delivery: Delivery, started_at: datetime, answer: Answer) -> tuple[Delivery, Attempt, Answer]:
    """The outcome that a worker records for a delivery with this answer."""
    return delivery, delivery.attempt_from(started_at, answer), answer
