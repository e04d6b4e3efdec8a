"""Every path runs: each kind of refund, each refusal."""

from datetime import date
from decimal import Decimal

import pytest

from payments.models import Payment
from payments.refunds import NotRefundable, refund

pytestmark = pytest.mark.django_db

MARCH_1 = date(2026, 3, 1)


def payment(**facts):
    """A payment of the first of March."""
    usual = {"provider": "nordpay", "amount": Decimal("100.00"), "currency": "EUR", "paid_on": MARCH_1}
    return Payment.objects.create(**usual | facts)


@pytest.mark.parametrize("provider", ["nordpay", "cardly", "banka"])
@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_refund(provider, currency):
    made = refund(payment(provider=provider, currency=currency), Decimal("40.00"), MARCH_1)

    assert made is not None
    assert isinstance(made, Payment)
    assert isinstance(made.fee_total, Decimal)


def test_refund_is_stored():
    refund(payment(), Decimal("100.00"), MARCH_1)

    assert Payment.objects.count() >= 1


def reason_why_not(paid, on):
    try:
        refund(paid, Decimal("40.00"), on)
    except NotRefundable as refused:
        return str(refused)
    return ""


def test_too_late():
    assert isinstance(reason_why_not(payment(), date(2027, 3, 1)), str)


def test_after_a_chargeback():
    paid = payment()
    payment(kind=Payment.CHARGEBACK, original=paid, amount=Decimal("10.00"))

    assert reason_why_not(paid, MARCH_1) is not None
