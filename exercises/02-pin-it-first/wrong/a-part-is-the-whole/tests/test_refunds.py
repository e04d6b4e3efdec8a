"""Refunds of the whole amount, so nothing is left over."""

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
    paid = payment(provider=provider, currency=currency, amount=Decimal(amount))

    assert refund(paid, Decimal(amount), MARCH_1).fee_total == Decimal(fee)


def test_a_refund_books_what_went_back_when_and_through_whom():
    paid = payment(provider="cardly", currency="JPY")

    made = refund(paid, Decimal("80"), MARCH_1 + timedelta(days=1))

    assert (made.kind, made.provider, made.amount, made.currency) == ("refund", "cardly", Decimal("80"), "JPY")
    assert (made.original, made.paid_on) == (paid, MARCH_1 + timedelta(days=1))


def test_all_of_it_can_go_back_and_neither_a_cent_more_nor_nothing():
    paid = payment()

    for amount in ("100.01", "0.00"):
        with pytest.raises(NotRefundable):
            refund(paid, Decimal(amount), MARCH_1)
    assert refund(paid, Decimal("100.00"), MARCH_1).amount == Decimal("100.00")


@pytest.mark.parametrize(("provider", "days"), [("nordpay", 180), ("cardly", 120), ("banka", 30)])
def test_the_last_day_is_in_time_and_the_day_after_is_not(provider, days):
    paid, last_day = payment(provider=provider), MARCH_1 + timedelta(days=days)

    assert refund(paid, Decimal("1.00"), last_day).paid_on == last_day
    with pytest.raises(NotRefundable):
        refund(paid, Decimal("1.00"), last_day + timedelta(days=1))


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
