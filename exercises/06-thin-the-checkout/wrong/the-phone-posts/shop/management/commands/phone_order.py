"""For the phone desk, which fills a cart during the customer's call: phone_order CART EMAIL COUNTRY."""

from django.core.management.base import BaseCommand, CommandError
from django.test import Client


class Command(BaseCommand):
    help = "Places the order of a customer on the phone."

    def add_arguments(self, parser):
        parser.add_argument("cart", type=int)
        parser.add_argument("email")
        parser.add_argument("country")
        parser.add_argument("--voucher", default="")

    def handle(self, *args, **options):
        fields = {name: options[name] for name in ("cart", "email", "country", "voucher")}
        response = Client().post("/checkout", fields, content_type="application/json")
        answer = response.json()
        if response.status_code != 201:
            raise CommandError(answer["error"])
        self.stdout.write(f"order {answer['id']}: {answer['total']} EUR")
