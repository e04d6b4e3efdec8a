"""Placing an order: the rules for every caller."""

from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.http import JsonResponse

from .models import Book, Cart, Line, Order, Voucher

# The price up to one kilogram, and above.
SHIPPING = {"DE": ("3.90", "5.90"), "AT": ("6.90", "9.90"), "CH": ("9.90", "14.90")}
FREE_FROM = Decimal("60.00")


@transaction.atomic
def place_order(*, cart_id, email, country, voucher_code=""):
    """Create the order, take the books from stock, count the voucher and empty the cart."""
    cart = Cart.objects.filter(pk=cart_id).first()
    if cart is None:
        return JsonResponse({"error": "there is no such cart"}, status=404)
    lines = list(cart.lines.select_related("book"))
    if not lines:
        return JsonResponse({"error": "the cart is empty"}, status=409)
    for line in lines:
        if line.quantity > line.book.stock:
            return JsonResponse({"error": f"{line.book.title}: {line.book.stock} left"}, status=409)
    if country not in SHIPPING:
        return JsonResponse({"error": f"no parcels to {country}"}, status=409)

    goods = sum(line.book.price * line.quantity for line in lines)
    voucher, discount = None, Decimal("0.00")
    if voucher_code:
        voucher = Voucher.objects.filter(code=voucher_code, uses_left__gt=0).first()
        if voucher is None:
            return JsonResponse({"error": "there is no such voucher, or it is used up"}, status=409)
        if goods < voucher.least:
            return JsonResponse({"error": f"this voucher is for orders from {voucher.least}"}, status=409)
        discount = min(voucher.amount, goods)

    shipping = Decimal("0.00")
    if goods - discount < FREE_FROM:
        is_heavy = sum(line.book.weight * line.quantity for line in lines) > 1000
        shipping = Decimal(SHIPPING[country][is_heavy])

    for line in lines:
        Book.objects.filter(pk=line.book_id).update(stock=F("stock") - line.quantity)
    if voucher:
        Voucher.objects.filter(pk=voucher.pk).update(uses_left=F("uses_left") - 1)
    total = goods - discount + shipping
    order = Order.objects.create(email=email, country=country, voucher=discount, shipping=shipping, total=total)
    for line in lines:
        Line.objects.create(order=order, title=line.book.title, price=line.book.price, quantity=line.quantity)
    cart.lines.all().delete()
    return JsonResponse(as_json(order), status=201)


def as_json(order):
    return {
        "id": order.pk,
        "lines": [f"{line.quantity} × {line.title}" for line in order.lines.all()],
        "voucher": str(order.voucher),
        "shipping": str(order.shipping),
        "total": str(order.total),
    }
