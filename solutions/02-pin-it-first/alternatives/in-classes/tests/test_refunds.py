"""Refunds, in test classes as in Django's documentation, with several values in one test."""

from datetime import date, timedelta
from decimal import Decimal

from django.test import TestCase

from payments import refunds
from payments.models import Payment

DAY = date(2025, 12, 31)


class Refunds(TestCase):
    def pay(self, provider="banka", currency="EUR", **facts):
        return Payment.objects.create(provider=provider, currency=currency, amount=Decimal(1000), paid_on=DAY, **facts)

    def refuses(self, payment, amount, on=DAY):
        before = Payment.objects.count()
        self.assertRaises(refunds.NotRefundable, refunds.refund, payment, Decimal(amount), on)
        self.assertEqual(Payment.objects.count(), before)

    def test_fees_in_euro_and_yen(self):
        for provider, currency, amount, fee in (
            ("nordpay", "EUR", "0.35", "0.00"),
            ("nordpay", "EUR", "32.50", "-0.46"),
            ("nordpay", "EUR", "17.50", "-0.25"),
            ("nordpay", "JPY", "500", "-7"),
            ("nordpay", "JPY", "250", "-4"),
            ("cardly", "EUR", "999.99", "0.30"),
            ("cardly", "JPY", "1", "48"),
            ("banka", "JPY", "1", "0"),
        ):
            with self.subTest(provider=provider, currency=currency, amount=amount):
                payment = self.pay(provider, currency)
                refunds.refund(payment, Decimal(amount), DAY + timedelta(days=3))
                (booked,) = payment.returns.values()
                facts = {"provider": provider, "currency": currency, "amount": Decimal(amount), "kind": "refund"}
                facts |= {"fee_total": Decimal(fee), "paid_on": date(2026, 1, 3)}
                self.assertEqual(booked | facts, booked)

    def test_deadlines(self):
        for provider, last in (
            ("nordpay", date(2026, 6, 29)),
            ("cardly", date(2026, 4, 30)),
            ("banka", date(2026, 1, 30)),
        ):
            with self.subTest(provider):
                refunds.refund(self.pay(provider), Decimal(1), last)
                self.refuses(self.pay(provider), 1, last + timedelta(days=1))

    def test_amounts(self):
        payment = self.pay()
        for amount in ("0", "-0.01", "1000.01"):
            self.refuses(payment, amount)
        for amount in ("999.97", "0.01", "0.01"):
            refunds.refund(payment, Decimal(amount), DAY)
        self.refuses(payment, "0.02")
        refunds.refund(payment, Decimal("0.01"), DAY)
        self.refuses(payment, "0.01")

    def test_chargebacks(self):
        payment = self.pay()
        Payment.objects.create(kind="chargeback", original=payment, amount=1, paid_on=DAY)
        self.refuses(payment, 1)

    def test_only_payments_go_back(self):
        for kind in ("refund", "chargeback"):
            self.refuses(self.pay(kind=kind), 1)
