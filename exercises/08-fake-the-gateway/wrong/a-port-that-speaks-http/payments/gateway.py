"""Cardly's gateway, over HTTP. It answers 200 for a known reference, and does not take the money again."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SECONDS = 5


def connect(url):
    """The gateway at this address."""
    return HttpGateway(url)


class HttpGateway:
    def __init__(self, url):
        self.url = url

    def capture(self, *, reference, card, amount, currency):
        cents = int(amount.scaleb(0 if currency == "JPY" else 2))
        body = {"reference": reference, "card": card, "amount": cents, "currency": currency}
        return _post(self.url, "/captures", body)


def _post(url, path, body):
    """The status and the answer. The status is 0 if there is no answer."""
    request = Request(url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=SECONDS) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, {}
