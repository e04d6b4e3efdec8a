"""The price of sending an order, and the link that shows the customer where it is."""

from decimal import Decimal


# Place 4
def cost(order):
    grams = sum(line.product.grams * line.quantity for line in order.lines.all())
    if order.carrier == "postal":
        return Decimal("4.90") if grams <= 2000 else Decimal("9.90")
    if order.carrier == "parcelo":
        return Decimal("5.90") + Decimal("0.50") * (grams // 1000)
    if order.carrier == "bike" and order.town == "Oslo":
        return Decimal("7.00")
    raise ValueError(f"nobody ships with {order.carrier!r} to {order.town}")


def link(order):
    if order.carrier == "parcelo":
        return f"https://parcelo.example/follow?id={order.pk}"
    return f"https://post.example/{order.pk}" if order.carrier == "postal" else None
