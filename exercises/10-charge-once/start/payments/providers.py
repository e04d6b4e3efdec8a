"""The three providers, over HTTP. An answer can take seconds, and sometimes there is no answer."""

import json
from urllib.request import Request, urlopen

from django.conf import settings

NAMES = ("nordpay", "cardly", "banka")
SECONDS = 10


def move_money(payment):
    """Ask the provider to take or return the money. Returns the resulting status. May raise OSError."""
    body = {
        "kind": payment.kind,
        "reference": payment.reference,
        "amount": str(payment.amount),
        "currency": payment.currency,
        "card": payment.card,
    }
    request = Request(
        f"{settings.PROVIDERS_URL}/{payment.provider}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=SECONDS) as response:
        return json.load(response)["status"]
