"""For the phone desk, which fills a cart during the customer's call: phone_order CART EMAIL COUNTRY."""

from django.core.management.base import BaseCommand, CommandError

from shop.checkout import Refused, place_order
from shop.models import Cart


class Command(BaseCommand):
    help = "Places the order of a customer on the phone."

    def add_arguments(self, parser):
        parser.add_argument("cart", type=int)
        parser.add_argument("email")
        parser.add_argument("country")
        parser.add_argument("--voucher", default="")

    def handle(self, *args, **options):
        try:
            order = place_order(
                cart_id=options["cart"],
                email=options["email"],
                country=options["country"],
                voucher_code=options["voucher"],
            )
        except Cart.DoesNotExist:
            raise CommandError("there is no such cart") from None
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"order {order.pk}: {order.total} EUR")
