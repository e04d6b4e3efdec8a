"""For the phone desk, which fills a cart during the customer's call: phone_order CART EMAIL COUNTRY."""

from django.core.management.base import BaseCommand, CommandError

from shop.checkout import Refused, place_order


class Command(BaseCommand):
    help = "Places the order of a customer on the phone."

    def add_arguments(self, parser):
        parser.add_argument("cart", type=int)
        parser.add_argument("email")
        parser.add_argument("country")
        parser.add_argument("--voucher", default="")

    def handle(self, *args, cart, email, country, voucher, **options):
        try:
            order = place_order(cart_id=cart, email=email, country=country, voucher_code=voucher)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"order {order.pk}: {order.total} EUR")
