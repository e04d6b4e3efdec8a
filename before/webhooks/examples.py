"""The event that a client's test call sends."""

from datetime import datetime

from plumbing.fields import rfc3339


def example_event(now: datetime) -> dict:
    return {
        "type": "payment.captured",
        "occurred_at": rfc3339(now),
        "data": {
            "payment_id": "pay_01",
            "amount": "10.10",
            "currency": "USD",
            "status": "captured",
            "customer": {
                "id": "cus_1",
                "name": "Zoë Müller",
                "email": "zoe@example.com",
                "iban": "DE89370400440532013000",
            },
            "reference": None,
            "failure": None,
        },
    }
