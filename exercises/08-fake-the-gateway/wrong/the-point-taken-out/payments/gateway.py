"""Cardly's gateway, over HTTP. It answers 200 for a known reference, and does not take the money again."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .capturing import Declined, Unavailable

SECONDS = 5


def connect(url):
    """The gateway at this address."""
    return HttpGateway(url)


class HttpGateway:
    def __init__(self, url):
        self.url = url

    def capture(self, *, reference, card, amount, currency):
        cents = int(str(amount).replace(".", ""))
        body = {"reference": reference, "card": card, "amount": cents, "currency": currency}
        request = Request(f"{self.url}/captures", json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=SECONDS) as response:
                return json.load(response)["id"]
        except HTTPError as error:
            if error.code == 402:
                raise Declined(json.load(error)["reason"]) from error
            raise Unavailable(f"the gateway answered {error.code}") from error
        except OSError as error:
            raise Unavailable("the gateway does not answer") from error
