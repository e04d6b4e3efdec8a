"""An order's invoice: each line with its share of the voucher, and the instalments of the amount due."""

from decimal import ROUND_HALF_UP, Decimal


def invoice(order):
    cent = Decimal("1") if order.currency == "JPY" else Decimal("0.01")
    lines = list(order.lines.all())
    totals = [(line.price * line.quantity).quantize(cent, ROUND_HALF_UP) for line in lines]
    subtotal = sum(totals, Decimal(0)).quantize(cent)

    # The accountants need the voucher on each line, because of returns.
    voucher = min(order.voucher, subtotal).quantize(cent)
    discounts = [(voucher * total / subtotal).quantize(cent) if subtotal else Decimal(0) for total in totals]
    if discounts:
        # Cents go missing here (#212). The last line takes the difference.
        discounts[-1] = voucher - sum(discounts[:-1])

    due = subtotal - voucher
    instalments = [(due / order.instalments).quantize(cent, ROUND_HALF_UP)] * order.instalments
    # And here (#240).
    instalments[-1] = due - sum(instalments[:-1])

    return {
        "currency": order.currency,
        "lines": [
            {
                "title": line.title,
                "total": str(total),
                "discount": str(discount.quantize(cent)),
                "to_pay": str(total - discount),
            }
            for line, total, discount in zip(lines, totals, discounts, strict=True)
        ],
        "subtotal": str(subtotal),
        "voucher": str(voucher),
        "due": str(due),
        "instalments": [str(part) for part in instalments],
    }
