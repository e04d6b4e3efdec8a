"""Cardly's gateway, over HTTP. It answers 200 for a known reference, and does not take the money again."""

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from .capturing import Declined, Unavailable


class Cardly:
    def __init__(self, url):
        self.url = urlsplit(url)

    def capture(self, *, reference, card, amount, currency):
        connection = (HTTPSConnection if self.url.scheme == "https" else HTTPConnection)(self.url.netloc, timeout=5)
        cents = int(amount if currency == "JPY" else amount * 100)
        body = {"reference": reference, "card": card, "amount": cents, "currency": currency}
        try:
            connection.request("POST", "/captures", json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = json.load(response)
        except (OSError, HTTPException, ValueError) as error:
            raise Unavailable("no answer") from error
        finally:
            connection.close()
        if response.status in (200, 201):
            return answer["id"]
        if response.status == 402:
            raise Declined(answer["reason"])
        raise Unavailable(f"status {response.status}")


connect = Cardly
