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


class PlaceOrder:
    """Create the order, take the books from stock, count the voucher, empty the cart: all, or raise Refused."""

    def __call__(self, *, cart_id, email, country, voucher_code=""):
        with transaction.atomic():
            cart, lines = self._cart(cart_id)
            if country not in SHIPPING:
                raise Refused(f"no parcels to {country}")
            goods = sum(line.book.price * line.quantity for line in lines)
            voucher = self._voucher(voucher_code, goods)
            discount = min(voucher.amount, goods) if voucher else Decimal("0.00")
            shipping = self._shipping(country, lines, goods - discount)
            total = goods - discount + shipping
            order = Order.objects.create(email=email, country=country, voucher=discount, shipping=shipping, total=total)
            for line in lines:
                Line.objects.create(order=order, title=line.book.title, price=line.book.price, quantity=line.quantity)
                Book.objects.filter(pk=line.book_id).update(stock=F("stock") - line.quantity)
            if voucher:
                Voucher.objects.filter(pk=voucher.pk).update(uses_left=F("uses_left") - 1)
            cart.lines.all().delete()
            return order

    def _cart(self, cart_id):
        cart = Cart.objects.filter(pk=cart_id).first()
        if cart is None:
            raise NoSuchCart("there is no such cart")
        lines = list(cart.lines.select_related("book"))
        if not lines:
            raise Refused("the cart is empty")
        for line in lines:
            if line.quantity > line.book.stock:
                raise Refused(f"{line.book.title}: {line.book.stock} left")
        return cart, lines

    def _voucher(self, code, goods):
        if not code:
            return None
        voucher = Voucher.objects.filter(code=code, uses_left__gt=0).first()
        if voucher is None:
            raise Refused("there is no such voucher, or it is used up")
        if goods < voucher.least:
            raise Refused(f"this voucher is for orders from {voucher.least}")
        return voucher

    def _shipping(self, country, lines, to_pay):
        if to_pay >= FREE_FROM:
            return Decimal("0.00")
        is_heavy = sum(line.book.weight * line.quantity for line in lines) > 1000
        return Decimal(SHIPPING[country][is_heavy])


place_order = PlaceOrder()
