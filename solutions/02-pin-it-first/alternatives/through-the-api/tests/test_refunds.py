"""Refunds as a merchant sees them: nothing in here knows a function of ours."""

from datetime import timedelta

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client):
    return lambda address, **body: client.post(address, body, content_type="application/json")


@pytest.fixture
def pay(post):
    def make(provider="nordpay", days_ago=0):
        paid_on = (timezone.localdate() - timedelta(days=days_ago)).isoformat()
        made = post("/payments", provider=provider, amount="100.00", currency="EUR", paid_on=paid_on)
        return f"/payments/{made.json()['id']}"

    return make


@pytest.mark.parametrize(("provider", "fee"), [("nordpay", "-0.18"), ("cardly", "0.30"), ("banka", "0")])
def test_fee(pay, post, provider, fee):
    answer = post(f"{pay(provider)}/refunds", amount="12.50")

    assert (answer.status_code, answer.json()["fee_total"]) == (201, fee)


@pytest.mark.parametrize(("provider", "days"), [("nordpay", 180), ("cardly", 120), ("banka", 30)])
def test_last_day(pay, post, provider, days):
    assert post(f"{pay(provider, days)}/refunds", amount="1.00").status_code == 201
    assert post(f"{pay(provider, days + 1)}/refunds", amount="1.00").status_code == 409


def test_parts(pay, post, client):
    paid = pay()

    answers = [post(f"{paid}/refunds", amount=amount).status_code for amount in ("60.00", "40.01", "40.00", "0.01")]

    assert answers == [201, 409, 201, 409]
    assert client.get(paid).json()["left"] == "0.00"


def test_chargeback(pay, post, client):
    paid = pay()
    post(f"{paid}/chargebacks", amount="10.00")

    assert post(f"{paid}/refunds", amount="1.00").status_code == 409
    assert client.get(paid).json()["left"] == "90.00"
