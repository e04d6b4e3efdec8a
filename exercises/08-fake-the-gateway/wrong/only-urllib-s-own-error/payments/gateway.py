"""Cardly's gateway, over HTTP. It answers 200 for a known reference, and does not take the money again."""

import json
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from .capturing import Declined, Unavailable

SECONDS = 5


def connect(url):
    """A function that captures at this address."""
    return Cardly(url)


class Cardly:
    def __init__(self, url):
        self.url = url

    def capture(self, *, reference, card, amount, currency):
        digits = 0 if currency == "JPY" else 2
        body = {"reference": reference, "card": card, "amount": int(amount.scaleb(digits)), "currency": currency}
        request = Request(self.url + "/captures", json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=SECONDS) as response:
                if response.status not in (200, 201):
                    raise Unavailable(f"the gateway answered {response.status}")
                return json.load(response)["id"]
        except HTTPError as error:
            if error.code == 402:
                raise Declined(json.load(error)["reason"]) from None
            raise Unavailable(f"the gateway answered {error.code}") from None
        except URLError as error:
            raise Unavailable("the gateway does not answer") from error
