"""Events for tests, saved or not."""

from datetime import UTC, datetime
from decimal import Decimal

from webhooks.models import Event

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
