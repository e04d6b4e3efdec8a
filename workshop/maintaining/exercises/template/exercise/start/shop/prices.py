"""What a customer pays. WRITE: a small project that works, with the trouble grown in it."""

from decimal import Decimal

from django.conf import settings


def with_tax(amount):
    return (Decimal(amount) * (1 + Decimal(settings.TAX))).quantize(Decimal("0.01"))
