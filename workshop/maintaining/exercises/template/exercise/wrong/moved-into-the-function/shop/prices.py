"""What a customer pays. WRITE: a wrong solution that people really write."""

from decimal import Decimal


def with_tax(amount):
    from django.conf import settings

    return (Decimal(amount) * (1 + Decimal(settings.TAX))).quantize(Decimal("0.01"))
