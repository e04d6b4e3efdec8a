"""Refunds: how much, until when, and the fee that the provider takes or returns."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import Sum

from .models import Payment

DAYS = {"nordpay": 180, "cardly": 120, "banka": 30}  # after the payment, as in their contracts


class NotRefundable(Exception):
    """The reason why there is no refund, in words for the merchant."""


def left_of(payment):
    """The amount that no refund or chargeback has returned yet."""
    gone = payment.returns.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return payment.amount - gone


def fee_of_refund(payment, amount):
    """Nordpay returns its percentage of the refund, Cardly takes a fixed fee, Banka takes nothing."""
    yen = payment.currency == "JPY"
    if payment.provider == "nordpay":
        share = amount * Decimal("0.014")
        return -share.quantize(Decimal("1") if yen else Decimal("0.01"), ROUND_HALF_UP)
    if payment.provider == "cardly":
        return Decimal("48") if yen else Decimal("0.30")
    return Decimal(0)


@transaction.atomic
def refund(payment, amount, on):
    """Book a refund of that amount on that day and return it. Raises NotRefundable, and then books nothing."""
    if payment.kind != Payment.PAYMENT:
        raise NotRefundable(f"a {payment.kind} cannot be refunded")
    days = DAYS[payment.provider]
    if on > payment.paid_on + timedelta(days=days):
        raise NotRefundable(f"{payment.provider} refunds for {days} days")
    if payment.returns.filter(kind=Payment.CHARGEBACK).exists():
        raise NotRefundable("the bank has taken it back: there is a chargeback")
    left = left_of(payment)
    if not 0 < amount <= left:
        raise NotRefundable(f"{left} {payment.currency} are left")
    return Payment.objects.create(
        kind=Payment.REFUND,
        original=payment,
        provider=payment.provider,
        amount=amount,
        currency=payment.currency,
        fee_total=fee_of_refund(payment, amount),
        paid_on=on,
    )
