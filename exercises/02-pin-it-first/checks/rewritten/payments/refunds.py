"""Refunds as before, rewritten: the rules are a list, each with its reason."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction

from .models import Payment

DAYS = {"nordpay": 180, "cardly": 120, "banka": 30}


class NotRefundable(Exception):
    """The reason why there is no refund, in words for the merchant."""


def remaining(payment):
    return payment.amount - sum((returned.amount for returned in payment.returns.all()), Decimal(0))


def _percentage(payment, amount):
    return -(amount * Decimal("0.014")).quantize(Decimal("1" if payment.currency == "JPY" else "0.01"), ROUND_HALF_UP)


def _fixed(payment, amount):
    return Decimal("48" if payment.currency == "JPY" else "0.30")


FEES = {"nordpay": _percentage, "cardly": _fixed, "banka": lambda payment, amount: Decimal(0)}


def _kind(payment, amount, on):
    if payment.kind != Payment.PAYMENT:
        return f"a {payment.kind} cannot be refunded"
    return None


def _deadline(payment, amount, on):
    days = DAYS[payment.provider]
    return f"{payment.provider} refunds for {days} days" if on - payment.paid_on > timedelta(days=days) else None


def _chargeback(payment, amount, on):
    is_disputed = any(returned.kind == Payment.CHARGEBACK for returned in payment.returns.all())
    return "the bank has taken it back: there is a chargeback" if is_disputed else None


def _amount(payment, amount, on):
    left = remaining(payment)
    return None if 0 < amount <= left else f"{left} {payment.currency} are left"


def refund(payment, amount, on):
    for rule in (_kind, _deadline, _chargeback, _amount):
        if reason := rule(payment, amount, on):
            raise NotRefundable(reason)
    facts = {"provider": payment.provider, "currency": payment.currency, "kind": Payment.REFUND, "paid_on": on}
    with transaction.atomic():
        made = Payment(original=payment, amount=amount, fee_total=FEES[payment.provider](payment, amount), **facts)
        made.save()
    return made
