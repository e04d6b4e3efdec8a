"""Refunds as a merchant sees them. No test calls a function of the service."""

from datetime import timedelta

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client):
    return lambda address, **body: client.post(address, body, content_type="application/json")


@pytest.fixture
def pay(post):
    def make(provider="nordpay", days_ago=0, currency="EUR"):
        paid_on = (timezone.localdate() - timedelta(days=days_ago)).isoformat()
        made = post("/payments", provider=provider, amount="100.00", currency=currency, paid_on=paid_on)
        return f"/payments/{made.json()['id']}"

    return make


@pytest.mark.parametrize(
    ("provider", "currency", "amount", "fee"),
    [
        ("nordpay", "EUR", "12.50", "-0.18"),
        ("nordpay", "EUR", "17.50", "-0.25"),
        ("nordpay", "JPY", "80", "-1"),
        ("cardly", "EUR", "12.50", "0.30"),
        ("cardly", "JPY", "80", "48"),
        ("banka", "EUR", "12.50", "0"),
    ],
)
def test_what_is_booked(pay, post, provider, currency, amount, fee):
    answer = post(f"{pay(provider, days_ago=1, currency=currency)}/refunds", amount=amount)

    facts = {"provider": provider, "kind": "refund", "amount": amount, "currency": currency, "fee_total": fee}
    assert answer.status_code == 201
    assert answer.json() == facts | {"id": answer.json()["id"], "paid_on": timezone.localdate().isoformat()}


@pytest.mark.parametrize(("provider", "days"), [("nordpay", 180), ("cardly", 120), ("banka", 30)])
def test_last_day(pay, post, provider, days):
    assert post(f"{pay(provider, days)}/refunds", amount="1.00").status_code == 201
    assert post(f"{pay(provider, days + 1)}/refunds", amount="1.00").status_code == 409


def test_parts(pay, post, client):
    paid = pay()

    answers = [
        post(f"{paid}/refunds", amount=amount).status_code
        for amount in ("100.01", "0", "60.00", "30.00", "10.01", "10.00")
    ]

    assert answers == [409, 409, 201, 201, 409, 201]
    assert client.get(paid).json()["left"] == "0.00"


def test_chargeback(pay, post, client):
    paid = pay()
    post(f"{paid}/chargebacks", amount="10.00")

    assert post(f"{paid}/refunds", amount="1.00").status_code == 409
    assert client.get(paid).json()["left"] == "90.00"


@pytest.mark.parametrize("kind", ["refunds", "chargebacks"])
def test_what_went_back(pay, post, kind):
    back = post(f"{pay()}/{kind}", amount="10.00").json()["id"]

    assert post(f"/payments/{back}/refunds", amount="1.00").status_code == 409
