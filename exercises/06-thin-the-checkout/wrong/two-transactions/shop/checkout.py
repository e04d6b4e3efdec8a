"""Placing an order: the rules for every caller."""

from decimal import Decimal

from django.db import transaction
from django.db.models import F

from .models import Book, Cart, Line, Order, Voucher

# The price up to one kilogram, and above.
SHIPPING = {"DE": ("3.90", "5.90"), "AT": ("6.90", "9.90"), "CH": ("9.90", "14.90")}
FREE_FROM = Decimal("60.00")


class Refused(Exception):
    """The refusal of an order. The text gives the customer the reason."""


class NoSuchCart(Refused):
    pass


def place_order(*, cart_id, email, country, voucher_code=""):
    """Create the order, take the books from stock, count the voucher, empty the cart: all, or raise Refused."""
    cart = Cart.objects.filter(pk=cart_id).first()
    if cart is None:
        raise NoSuchCart("there is no such cart")
    lines = list(cart.lines.select_related("book"))
    if not lines:
        raise Refused("the cart is empty")
    for line in lines:
        if line.quantity > line.book.stock:
            raise Refused(f"{line.book.title}: {line.book.stock} left")
    if country not in SHIPPING:
        raise Refused(f"no parcels to {country}")

    goods = sum(line.book.price * line.quantity for line in lines)
    voucher, discount = None, Decimal("0.00")
    if voucher_code:
        voucher = Voucher.objects.filter(code=voucher_code, uses_left__gt=0).first()
        if voucher is None:
            raise Refused("there is no such voucher, or it is used up")
        if goods < voucher.least:
            raise Refused(f"this voucher is for orders from {voucher.least}")
        discount = min(voucher.amount, goods)

    shipping = Decimal("0.00")
    if goods - discount < FREE_FROM:
        is_heavy = sum(line.book.weight * line.quantity for line in lines) > 1000
        shipping = Decimal(SHIPPING[country][is_heavy])

    with transaction.atomic():
        for line in lines:
            Book.objects.filter(pk=line.book_id).update(stock=F("stock") - line.quantity)
        if voucher:
            Voucher.objects.filter(pk=voucher.pk).update(uses_left=F("uses_left") - 1)
    total = goods - discount + shipping
    with transaction.atomic():
        order = Order.objects.create(email=email, country=country, voucher=discount, shipping=shipping, total=total)
        for line in lines:
            Line.objects.create(order=order, title=line.book.title, price=line.book.price, quantity=line.quantity)
        cart.lines.all().delete()
    return order
