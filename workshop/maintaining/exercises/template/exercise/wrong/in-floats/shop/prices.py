"""What a customer pays. WRITE: a wrong solution that people really write."""

TAX = 0.25


def with_tax(amount):
    return round(float(amount) * (1 + TAX), 2)
