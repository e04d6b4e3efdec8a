"""An order's invoice: each line with its share of the voucher, and the instalments of the amount due."""

from decimal import Decimal

from .money import Money, written


def invoice(order):
    lines = list(order.lines.all())
    totals = [line.price * line.quantity for line in lines]
    subtotal = sum(totals, Decimal(0))

    # The accountants need the voucher on each line, because of returns.
    voucher = min(order.voucher, subtotal)
    discounts = [share.amount for share in Money(voucher, order.currency).allocate(totals)]

    due = subtotal - voucher
    instalments = [share.amount for share in Money(due, order.currency).allocate([1] * order.instalments)]

    return {
        "currency": order.currency,
        "lines": [
            {
                "title": line.title,
                "total": written(total, order.currency),
                "discount": written(discount, order.currency),
                "to_pay": written(total - discount, order.currency),
            }
            for line, total, discount in zip(lines, totals, discounts, strict=True)
        ],
        "subtotal": written(subtotal, order.currency),
        "voucher": written(voucher, order.currency),
        "due": written(due, order.currency),
        "instalments": [written(part, order.currency) for part in instalments],
    }
