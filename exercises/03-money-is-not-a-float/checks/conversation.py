"""Random orders, and the shop's answers: the invoice when the order is made, and the same invoice on a later request.

The answers of start/ are right for every amount that is not divided. The learner chooses which share gets the last cent
of a discount or an instalment, so the tests check only that these shares are fair.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

TITLES = ("Emma", "100 % Python", "{} or {0}", "Zoë's book", "%s", "1984")
PRICES = ("0.00", "0.01", "0.05", "0.99", "1", "9.9", "9.99", "10.00", "19.90", "33.33", "1234.56")
PRICES_IN_YEN = ("0", "1", "7", "100", "999", "1500", "12345")


def orders(client: Any, seed: int, count: int, currencies: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    lots = Random(seed)
    for _ in range(count):
        currency = lots.choice(currencies)
        yield ask(client, an_order(lots, currency, PRICES_IN_YEN if currency == "JPY" else PRICES))


def an_order(lots: Random, currency: str, prices: tuple[str, ...]) -> dict[str, Any]:
    lines = [
        {
            "title": lots.choice(TITLES),
            "price": lots.choice(prices),
            "quantity": lots.choice((0, 1, 1, 1, 2, 3, 7, 999)),
        }
        for _ in range(lots.choice((0, 1, 2, 3, 3, 4, 5, 9)))
    ]
    most = lots.choice((1, 20, 100, 1_000_000))
    voucher = lots.randrange(most) if currency == "JPY" else lots.randrange(most * 100) / 100
    instalments = lots.choice((1, 1, 2, 3, 4, 6, 7, 12))
    return {"currency": currency, "voucher": f"{voucher:.15g}", "instalments": instalments, "lines": lines}


def ask(client: Any, body: dict[str, Any]) -> tuple[str, Any]:
    response = client.post("/orders", body, content_type="application/json")
    sums = " + ".join(f"{line['quantity']} × {line['price']}" for line in body["lines"]) or "no lines"
    asked = f"{sums} {body['currency']} less {body['voucher']}, instalments: {body['instalments']}"
    if response.status_code != 201:
        return asked, response.status_code
    made = response.json()
    return asked, {"made": made, "shown": client.get(f"/orders/{made.pop('id')}/invoice").json()}


def invoices(client: Any) -> Iterator[tuple[str, Any]]:
    yield from orders(client, 31, 70, ("EUR", "EUR", "USD", "GBP"))


def yen(client: Any) -> Iterator[tuple[str, Any]]:
    yield from orders(client, 32, 30, ("JPY",))


SECTIONS = {"invoices": invoices, "invoices in yen": yen}
