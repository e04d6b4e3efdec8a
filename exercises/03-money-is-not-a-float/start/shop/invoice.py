"""An order's invoice: each line with its share of the voucher, and the instalments of the amount due."""


def invoice(order):
    digits = 0 if order.currency == "JPY" else 2
    lines = list(order.lines.all())
    totals = [round(float(line.price) * line.quantity, digits) for line in lines]
    subtotal = round(sum(totals), digits)

    # The accountants need the voucher on each line, because of returns.
    voucher = min(float(order.voucher), subtotal)
    discounts = [round(voucher * total / subtotal, digits) if subtotal else 0.0 for total in totals]
    if sum(discounts) != voucher:
        # Cents go missing here (#212). The last line takes the difference.
        discounts[-1] = round(voucher - sum(discounts[:-1]), digits)

    due = round(subtotal - voucher, digits)
    instalments = [round(due / order.instalments, digits)] * order.instalments
    if abs(sum(instalments) - due) > 0.001:
        # And here (#240).
        instalments[-1] = round(due - sum(instalments[:-1]), digits)

    return {
        "currency": order.currency,
        "lines": [
            {
                "title": line.title,
                "total": f"{total:.{digits}f}",
                "discount": f"{discount:.{digits}f}",
                "to_pay": f"{total - discount:.{digits}f}",
            }
            for line, total, discount in zip(lines, totals, discounts, strict=True)
        ],
        "subtotal": f"{subtotal:.{digits}f}",
        "voucher": f"{voucher:.{digits}f}",
        "due": f"{due:.{digits}f}",
        "instalments": [f"{part:.{digits}f}" for part in instalments],
    }
