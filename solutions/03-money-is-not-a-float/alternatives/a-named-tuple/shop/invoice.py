"""An order's invoice: each line with its share of the voucher, and the instalments of the amount due."""

from .money import Money


def invoice(order):
    currency = order.currency
    lines = list(order.lines.all())
    totals = [Money(line.price * line.quantity, currency) for line in lines]
    subtotal = sum(totals, start=Money(0, currency))
    voucher = min(Money(order.voucher, currency), subtotal)
    discounts = voucher.allocate([total.amount for total in totals])
    due = subtotal - voucher

    def row(line, total, discount):
        return {
            "title": line.title,
            "total": f"{total}",
            "discount": f"{discount}",
            "to_pay": f"{total - discount}",
        }

    return {
        "currency": currency,
        "lines": list(map(row, lines, totals, discounts)),
        "subtotal": f"{subtotal}",
        "voucher": f"{voucher}",
        "due": f"{due}",
        "instalments": [f"{part}" for part in due.allocate([1] * order.instalments)],
    }
