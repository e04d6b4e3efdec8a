"""Refunds as merchants see them, unchanged, because this exercise is about tests. HTTP in, HTTP out."""

from datetime import timedelta

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(client):
    def post(address, expected=201, **body):
        response = client.post(address, body, content_type="application/json")
        said = response.content.decode()
        assert response.status_code == expected, f"POST {address} {body} answers {response.status_code} {said[:200]}"
        return response.json()

    return post


@pytest.fixture
def pay(send):
    def make(provider="nordpay", amount="100.00", currency="EUR", days_ago=0):
        paid_on = timezone.localdate() - timedelta(days=days_ago)
        facts = {"provider": provider, "amount": amount, "currency": currency, "paid_on": paid_on.isoformat()}
        return f"/payments/{send('/payments', **facts)['id']}"

    return make


@pytest.mark.check("refunds-are-booked")
@pytest.mark.parametrize(
    ("provider", "amount", "currency", "fee"),
    [
        ("nordpay", "12.50", "EUR", "-0.18"),
        ("nordpay", "80", "JPY", "-1"),
        ("cardly", "12.50", "EUR", "0.30"),
        ("cardly", "80", "JPY", "48"),
        ("banka", "12.50", "EUR", "0"),
    ],
)
def test_a_refund_has_the_fee_of_its_provider(pay, send, provider, amount, currency, fee):
    made = send(f"{pay(provider, currency=currency)}/refunds", amount=amount)

    found = made["fee_total"]
    assert found == fee, f"a refund of {amount} {currency} through {provider} costs {found} instead of {fee}"


@pytest.mark.check("refunds-are-booked")
def test_a_payment_can_be_refunded_in_parts(pay, send, client):
    paid = pay()
    send(f"{paid}/refunds", amount="60.00")
    send(f"{paid}/refunds", amount="40.00")

    shown = client.get(paid).json()

    found = (shown["left"], [returned["amount"] for returned in shown["returns"]])
    assert found == ("0.00", ["60.00", "40.00"]), (
        f"after refunds of 60.00 and 40.00 of 100.00 the page says {found}, and not that 0.00 is left"
    )


@pytest.mark.check("refusals-stand")
@pytest.mark.parametrize(("provider", "days"), [("nordpay", 180), ("cardly", 120), ("banka", 30)])
def test_a_refund_is_in_time_until_the_last_day(pay, send, provider, days):
    send(f"{pay(provider, days_ago=days - 1)}/refunds", amount="1.00")
    send(f"{pay(provider, days_ago=days + 1)}/refunds", expected=409, amount="1.00")


@pytest.mark.check("refusals-stand")
@pytest.mark.parametrize("amount", ["40.01", "0", "-1.00"])
def test_a_refund_is_more_than_zero_and_at_most_what_is_left(pay, send, amount):
    paid = pay()
    send(f"{paid}/refunds", amount="60.00")

    send(f"{paid}/refunds", expected=409, amount=amount)


@pytest.mark.check("refusals-stand")
def test_after_a_chargeback_nothing_is_refunded(pay, send):
    paid = pay()
    send(f"{paid}/chargebacks", amount="10.00")

    send(f"{paid}/refunds", expected=409, amount="1.00")
