"""What a customer pays. WRITE: the solution, as small as it can be good."""

from decimal import Decimal

TAX = Decimal("0.25")


def with_tax(amount):
    return (Decimal(amount) * (1 + TAX)).quantize(Decimal("0.01"))
