"""Accepted and refused refunds, with round numbers."""

from datetime import date, timedelta
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
def test_a_refund_has_the_fee_of_its_provider(provider, currency, amount, fee):
    made = refund(payment(provider=provider, currency=currency), Decimal(amount), MARCH_1)

    assert made.fee_total == Decimal(fee)


def test_a_refund_books_what_went_back_when_and_through_whom():
    paid = payment(provider="cardly", currency="JPY")

    made = refund(paid, Decimal("80"), MARCH_1 + timedelta(days=1))

    assert (made.kind, made.provider, made.amount, made.currency) == ("refund", "cardly", Decimal("80"), "JPY")
    assert (made.original, made.paid_on) == (paid, MARCH_1 + timedelta(days=1))


def test_a_part_can_go_back_and_far_too_much_cannot():
    paid = payment()

    for amount in ("5000.00", "-20.00"):
        with pytest.raises(NotRefundable):
            refund(paid, Decimal(amount), MARCH_1)
    assert refund(paid, Decimal("40.00"), MARCH_1).amount == Decimal("40.00")


@pytest.mark.parametrize("provider", ["nordpay", "cardly", "banka"])
def test_a_week_later_is_in_time_and_three_years_later_is_not(provider):
    paid = payment(provider=provider)

    assert refund(paid, Decimal("1.00"), MARCH_1 + timedelta(days=7)).fee_total is not None
    with pytest.raises(NotRefundable):
        refund(paid, Decimal("1.00"), MARCH_1 + timedelta(days=1000))


def test_what_went_back_before_counts():
    paid = payment()
    refund(paid, Decimal("60.00"), MARCH_1)
    refund(paid, Decimal("30.00"), MARCH_1)

    with pytest.raises(NotRefundable):
        refund(paid, Decimal("10.01"), MARCH_1)


def test_after_a_chargeback_of_a_part_nothing_is_refunded():
    paid = payment()
    payment(kind=Payment.CHARGEBACK, original=paid, amount=Decimal("10.00"))

    with pytest.raises(NotRefundable):
        refund(paid, Decimal("1.00"), MARCH_1)


@pytest.mark.parametrize("kind", [Payment.REFUND, Payment.CHARGEBACK])
def test_what_went_back_is_no_payment(kind):
    with pytest.raises(NotRefundable):
        refund(payment(kind=kind), Decimal("1.00"), MARCH_1)
