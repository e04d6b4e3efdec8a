"""For the phone desk, which fills a cart during the customer's call: phone_order CART EMAIL COUNTRY."""

from decimal import Decimal

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import F

from shop.checkout import FREE_FROM, SHIPPING
from shop.models import Book, Cart, Line, Order, Voucher


class Command(BaseCommand):
    help = "Places the order of a customer on the phone."

    def add_arguments(self, parser):
        parser.add_argument("cart", type=int)
        parser.add_argument("email")
        parser.add_argument("country")
        parser.add_argument("--voucher", default="")

    @transaction.atomic
    def handle(self, *args, country, **options):
        cart = Cart.objects.filter(pk=options["cart"]).first()
        if cart is None:
            raise CommandError("there is no such cart")
        lines = list(cart.lines.select_related("book"))
        if not lines:
            raise CommandError("the cart is empty")
        for line in lines:
            if line.quantity > line.book.stock:
                raise CommandError(f"{line.book.title}: {line.book.stock} left")
        if country not in SHIPPING:
            raise CommandError(f"no parcels to {country}")

        goods = sum(line.book.price * line.quantity for line in lines)
        voucher, discount = None, Decimal("0.00")
        if options["voucher"]:
            voucher = Voucher.objects.filter(code=options["voucher"], uses_left__gt=0).first()
            if voucher is None:
                raise CommandError("there is no such voucher, or it is used up")
            if goods < voucher.least:
                raise CommandError(f"this voucher is for orders from {voucher.least}")
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
        order = Order.objects.create(
            email=options["email"], country=country, voucher=discount, shipping=shipping, total=total
        )
        for line in lines:
            Line.objects.create(order=order, title=line.book.title, price=line.book.price, quantity=line.quantity)
        cart.lines.all().delete()
        self.stdout.write(f"order {order.pk}: {order.total} EUR")
