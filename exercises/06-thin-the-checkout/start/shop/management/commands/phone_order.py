"""For the phone desk, which fills a cart during the customer's call: phone_order CART EMAIL COUNTRY."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.test import RequestFactory

from shop.views import checkout


class Command(BaseCommand):
    help = "Places the order of a customer on the phone."

    def add_arguments(self, parser):
        parser.add_argument("cart", type=int)
        parser.add_argument("email")
        parser.add_argument("country")
        parser.add_argument("--voucher", default="")

    def handle(self, *args, **options):
        # The rules are in the view, so the command calls the view.
        fields = {name: options[name] for name in ("cart", "email", "country", "voucher")}
        response = checkout(RequestFactory().post("/checkout", fields, content_type="application/json"))
        answer = json.loads(response.content)
        if response.status_code != 201:
            raise CommandError(answer["error"])
        self.stdout.write(f"order {answer['id']}: {answer['total']} EUR")
