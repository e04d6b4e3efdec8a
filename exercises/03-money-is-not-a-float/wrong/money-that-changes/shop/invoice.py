"""An order's invoice: each line with its share of the voucher, and the instalments of the amount due."""

from .money import Money


def invoice(order):
    lines = list(order.lines.all())
    nothing = Money(0, order.currency)
    totals = [Money(line.price, order.currency) * line.quantity for line in lines]
    subtotal = sum(totals, nothing)

    # The accountants need the voucher on each line, because of returns.
    voucher = Money(min(order.voucher, subtotal.amount), order.currency)
    discounts = voucher.allocate([total.amount for total in totals])

    due = subtotal - voucher
    instalments = due.allocate([1] * order.instalments)

    return {
        "currency": order.currency,
        "lines": [
            {
                "title": line.title,
                "total": str(total),
                "discount": str(discount),
                "to_pay": str(total - discount),
            }
            for line, total, discount in zip(lines, totals, discounts, strict=True)
        ],
        "subtotal": str(subtotal),
        "voucher": str(voucher),
        "due": str(due),
        "instalments": [str(part) for part in instalments],
    }
