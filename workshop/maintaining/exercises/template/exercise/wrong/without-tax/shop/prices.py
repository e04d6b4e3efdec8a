"""What a customer pays. WRITE: a wrong solution that people really write."""

from decimal import Decimal


def with_tax(amount):
    return Decimal(amount)
