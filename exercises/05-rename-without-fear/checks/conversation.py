"""Random requests of partners' apps and the warehouse, valid and invalid, and the shop's answers, to the byte.

OPTIONS is left out: its answers describe the API for people, and no app asks for them.
"""

import json
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

BOOK = {"sku": "B-1", "title": "Zoë's book", "price": "19.90", "stock": 7}
SKUS: tuple[Any, ...] = ("", " ", " C-1 ", "B-1", "x" * 20, "x" * 21, 17, None, True, ["C-1"], {}, "no\u0000pe")
TITLES: tuple[Any, ...] = ("", "  ", " A  book ", "y" * 80, "y" * 81, 1984, None, False, [], "<b>&</b>")
PRICES: tuple[Any, ...] = (
    "0",
    0,
    "0.00",
    "5",
    5.5,
    "1.999",
    "99999999.99",
    "100000000",
    -1,
    "",
    "five",
    None,
    "NaN",
    [],
)
STOCKS: tuple[Any, ...] = (
    *(0, 1, 7, "7", " 7 ", 7.0, "7.0", 7.5, "seven", "", -1, "-1", True, False, None, [], {}, "1" * 1001),
    *(2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**19, -(10**19), "1e3"),
)
ODD_BODIES = ("", "{", "[]", "null", '"stock"')


class Talk:
    """Sends requests one after another and returns each request and its answer."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def send(self, method: str, address: str, body: Any = None, raw: str | None = None) -> tuple[str, Any]:
        written = raw if raw is not None else "" if body is None else json.dumps(body)
        response = self.client.generic(method, address, written, content_type="application/json")
        shown = f" with {written[:90]}{'…' if len(written) > 90 else ''}" if written else ""
        return f"{method} {address}{shown}", [response.status_code, response.content.decode()]


def stock(client: Any) -> Iterator[tuple[str, Any]]:
    """The renamed number: every way to send it, and to leave it out."""
    talk, lots = Talk(client), Random(51)
    yield talk.send("POST", "/products", BOOK)
    for number, count in enumerate(STOCKS):
        yield talk.send("POST", "/products", BOOK | {"sku": f"S-{number}", "stock": count})
        yield talk.send("PATCH", "/products/1", {"stock": count})
    for count in (3, None, -1, "seven"):
        yield talk.send("PUT", "/products/1", BOOK | {"stock": count})
    for body in ({}, {"title": "A book"}, {"on_hand": 3}, {"available": 3}, {"stock": 4, "on_hand": 3}, {"id": 9}):
        yield talk.send("PATCH", "/products/1", body)
    without = {name: value for name, value in BOOK.items() if name != "stock"}
    yield talk.send("PUT", "/products/1", without)
    yield talk.send("POST", "/products", without | {"sku": "S-90", "on_hand": 5})
    for count in lots.sample(range(100_000), 4):
        yield talk.send("PATCH", "/products/1", {"stock": count})
    yield talk.send("GET", "/products")


def other_fields(client: Any) -> Iterator[tuple[str, Any]]:
    talk = Talk(client)
    yield talk.send("POST", "/products", BOOK)
    yield talk.send("POST", "/products", BOOK | {"sku": "B-2"})
    for name, values in (("sku", SKUS), ("title", TITLES), ("price", PRICES)):
        for number, value in enumerate(values):
            yield talk.send("POST", "/products", BOOK | {"sku": f"{name}-{number}"} | {name: value})
            if number % 2:
                yield talk.send("PATCH", "/products/2", {name: value})
        yield talk.send("PATCH", "/products/2", {"sku": "B-2", "price": "5.00", "title": "A book"})
        yield talk.send("POST", "/products", {key: value for key, value in BOOK.items() if key != name})
        yield talk.send("PUT", "/products/1", {key: value for key, value in BOOK.items() if key != name})
    yield talk.send("POST", "/products", {"sku": "", "title": None, "price": "x", "stock": "y"})
    for raw in ODD_BODIES:
        yield talk.send("POST", "/products", raw=raw)
        yield talk.send("PATCH", "/products/1", raw=raw)
    for method, address in (
        ("GET", "/products/99"),
        ("DELETE", "/products/1"),
        ("PATCH", "/products"),
        ("GET", "/carts"),
    ):
        yield talk.send(method, address)
    yield talk.send("GET", "/products")


def carts(client: Any) -> Iterator[tuple[str, Any]]:
    talk = Talk(client)
    yield from stocked(talk)
    for body in ({"currency": "EUR"}, {"currency": "EURO"}, {}, {"currency": "EUR", "voucher": "5", "ordered": True}):
        yield talk.send("POST", "/carts", body)
    yield talk.send("POST", "/carts", {"currency": "EUR", "voucher": "x", "lines": [{"product": 1}]})
    for quantity in (1, 0, -1, 999, 1000, "2", "two", None, 1.5, True):
        yield talk.send("POST", "/carts/1/lines", {"sku": "B-2", "quantity": quantity})
    for body in ({}, {"sku": "B-9"}, {"sku": None}, {"sku": ""}, {"quantity": 1}, {"sku": "B-3"}, {"sku": ["B-1"]}):
        yield talk.send("POST", "/carts/1/lines", body)
    for address in ("/carts/1", "/carts/2", "/carts/99"):
        yield talk.send("GET", address)
    yield talk.send("POST", "/carts/99/lines", {"sku": "B-1"})


def goods(client: Any) -> Iterator[tuple[str, Any]]:
    """In random order: carts get goods, numbers are corrected, carts are ordered. A GET follows each of these."""
    talk, lots = Talk(client), Random(52)
    yield from stocked(talk)
    for _ in range(5):
        yield talk.send("POST", "/carts", {"currency": "EUR"})
    for cart, count in ((1, 8), (2, 7), (3, 6)):  # the shelf has more than the cart, as many, and fewer
        yield talk.send("PATCH", "/products/1", {"stock": 7})
        yield talk.send("POST", f"/carts/{cart}/lines", {"sku": "B-1", "quantity": 7})
        yield talk.send("PATCH", "/products/1", {"stock": count})
        yield talk.send("POST", f"/carts/{cart}/order")
        yield talk.send("GET", "/products/1")
    for _ in range(20):
        cart, product = lots.randrange(3, 6), lots.randrange(1, 4)
        what = lots.choice(("put", "put", "put", "count", "order"))
        if what == "put":
            wish = {"sku": f"B-{product}", "quantity": lots.choice((1, 1, 2, 3, 7))}
            yield talk.send("POST", f"/carts/{cart}/lines", wish)
        elif what == "count":
            yield talk.send("PATCH", f"/products/{product}", {"stock": lots.choice((0, 1, 3, 9, None))})
        else:
            yield talk.send("POST", f"/carts/{cart}/order")
        yield talk.send("GET", lots.choice(("/products", "/products?orderable=1", f"/carts/{cart}")))


def stocked(talk: Talk) -> Iterable[tuple[str, Any]]:
    for more in ({}, {"sku": "B-2", "stock": None, "title": "Print"}, {"sku": "B-3", "stock": 0, "price": "5.00"}):
        yield talk.send("POST", "/products", BOOK | more)


SECTIONS = {"stock": stock, "other fields": other_fields, "carts": carts, "goods": goods}
