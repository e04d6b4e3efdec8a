"""Random orders, over HTTP and at the phone desk, with the shop's answer to each and the stock after it.

Each order breaks at most one rule, because no rule says which of two refusals comes first.
"""

from collections.abc import Iterator
from io import StringIO
from random import Random
from typing import Any

PRICES = ("0.00", "0.01", "4.00", "9.99", "12.50", "20.00", "29.99", "30.00", "59.99", "60.00", "65.00", "120.00")
WEIGHTS = (1, 250, 500, 999, 1000, 1001, 2000)
COUNTRIES = ("DE", "AT", "CH")


def enter(model: str, **fields: Any) -> Any:
    """Create a row, as the back office does."""
    from django.apps import apps

    return apps.get_model("shop", model).objects.create(**fields)


class Desk:
    """The customer's side: fills carts, sends orders, and returns each request and its answer."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def cart(self, *lines: tuple[Any, int]) -> int:
        body = {"lines": [{"book": book.pk, "quantity": quantity} for book, quantity in lines]}
        return int(self.client.post("/carts", body, content_type="application/json").json()["id"])

    def order(self, what: str, body: Any) -> tuple[str, Any]:
        response = self.client.post("/checkout", body, content_type="application/json")
        return what, [response.status_code, response.json()]

    def look(self, what: str, address: str) -> tuple[str, Any]:
        return what, [200, self.client.get(address).json()]

    def phone(self, what: str, *arguments: Any) -> tuple[str, Any]:
        from django.core.management import CommandError, call_command

        said = StringIO()
        try:
            call_command("phone_order", *map(str, arguments), stdout=said)
        except CommandError as error:
            return what, f"CommandError: {error}"
        return what, said.getvalue()


def goods_by_lot(lots: Random) -> tuple[list[tuple[Any, int]], str]:
    lines = []
    for _ in range(lots.choice((1, 1, 2, 3))):
        book = enter("Book", title="Dune", price=lots.choice(PRICES), weight=lots.choice(WEIGHTS), stock=9)
        lines.append((book, lots.choice((1, 1, 2, 3))))
    return lines, " + ".join(f"{quantity} × {book.price} of {book.weight} g" for book, quantity in lines)


def orders(client: Any) -> Iterator[tuple[str, Any]]:
    desk, lots = Desk(client), Random(61)
    for code, amount in (("FIVE", "5.00"), ("HUNDRED", "100.00"), ("CENT", "0.01"), ("FREE", "0.00")):
        enter("Voucher", code=code, amount=amount, uses_left=99)
    for _ in range(36):
        lines, said = goods_by_lot(lots)
        country, voucher = lots.choice(COUNTRIES), lots.choice(("", "", "FIVE", "HUNDRED", "CENT", "FREE"))
        body = {"cart": desk.cart(*lines), "email": "ada@example.com", "country": country, "voucher": voucher}
        yield desk.order(f"{said} to {country} with voucher {voucher or 'none'}", body)
    yield desk.look("a later request for the last order", "/orders/36")


def shelves(client: Any) -> Iterator[tuple[str, Any]]:
    """Two books in many carts: too few for the last ones. Each order is followed by a look at the stock."""
    desk, lots = Desk(client), Random(62)
    books = [
        enter("Book", title=title, price="9.00", weight=300, stock=stock) for title, stock in (("Dune", 9), ("Emma", 6))
    ]
    for number in range(9):
        short = lots.randrange(2)
        lines = [(books[short], lots.choice((1, 2, 3)))] + ([(books[1 - short], 1)] if number % 3 == 0 else [])
        body = {"cart": desk.cart(*lines), "email": "ada@example.com", "country": "DE"}
        asked = " and ".join(f"{quantity} of {book.title}" for book, quantity in lines)
        yield desk.order(f"order {number + 1} ({asked})", body)
        yield desk.order(f"order {number + 1} again with the same cart ({asked})", body)
        for book in books:
            yield desk.look(f"the stock of {book.title} after {number + 1} orders", f"/books/{book.pk}")


def vouchers(client: Any) -> Iterator[tuple[str, Any]]:
    desk = Desk(client)
    book = enter("Book", title="Dune", price="10.00", weight=300, stock=99)
    for code, least, uses in (("TWICE", "0.00", 2), ("GONE", "0.00", 0), ("LARGE", "30.00", 3), ("Mixed", "0.00", 1)):
        enter("Voucher", code=code, amount="5.00", least=least, uses_left=uses)
    for code, quantity in (
        *(("TWICE", 1), ("TWICE", 1), ("TWICE", 1), ("GONE", 1), ("LARGE", 2), ("LARGE", 3), ("LARGE", 4)),
        *(("mixed", 1), (" Mixed", 1), ("Mixed", 1), ("Mixed", 1), (None, 1), ("", 1)),
    ):
        body = {"cart": desk.cart((book, quantity)), "email": "ada@example.com", "country": "DE", "voucher": code}
        yield desk.order(f"{quantity} × 10.00 with the voucher {code!r}", body)


def refusals(client: Any) -> Iterator[tuple[str, Any]]:
    desk = Desk(client)
    book = enter("Book", title="Dune", price="10.00", weight=300, stock=2)
    agreed = {"cart": desk.cart((book, 1)), "email": "ada@example.com", "country": "DE"}
    for country in ("FR", "de", "", None, "DE ", "Germany", 49):
        yield desk.order(f"an order to {country!r}", agreed | {"country": country})
    for cart in (999, 0, -1, "999", "one", None, "", [], desk.cart(), desk.cart((book, 3))):
        yield desk.order(f"an order of the cart {cart!r}", agreed | {"cart": cart})
    for lacking in agreed:
        body = {name: value for name, value in agreed.items() if name != lacking}
        yield desk.order(f"an order without {lacking}", body)
    for raw in ("", "{", "[]", "null", '"cart"', "17"):
        yield desk.order(f"a body of {raw!r}", raw)
    yield desk.order("an order with an unknown voucher", agreed | {"voucher": "NOSUCH"})
    yield desk.look("the book after these refusals", f"/books/{book.pk}")
    yield desk.order("an order with its cart as a string", agreed | {"cart": str(agreed["cart"])})


def phone(client: Any) -> Iterator[tuple[str, Any]]:
    desk, lots = Desk(client), Random(63)
    enter("Voucher", code="FIVE", amount="5.00", uses_left=4)
    enter("Voucher", code="LARGE", amount="5.00", least="500.00", uses_left=4)
    for _ in range(8):
        lines, said = goods_by_lot(lots)
        country, voucher = lots.choice(COUNTRIES), lots.choice(("", "FIVE"))
        asked = f"{said} to {country}{' with a voucher' if voucher else ''}"
        yield desk.phone(asked, desk.cart(*lines), "ada@example.com", country, "--voucher", voucher)
        yield desk.look(f"the stock after {said}", f"/books/{lines[0][0].pk}")
    book = enter("Book", title="Emma", price="10.00", weight=300, stock=2)
    for what, cart, country, voucher in (
        ("an unknown cart", 999, "DE", ""),
        ("an empty cart", desk.cart(), "DE", ""),
        ("three copies of a book with two in stock", desk.cart((book, 3)), "DE", ""),
        ("an order to France", desk.cart((book, 1)), "FR", ""),
        ("an unknown voucher", desk.cart((book, 1)), "DE", "NOSUCH"),
        ("a voucher for larger orders", desk.cart((book, 1)), "DE", "LARGE"),
    ):
        yield desk.phone(f"{what} by phone", cart, "ada@example.com", country, "--voucher", voucher)
    yield desk.phone("an order without a voucher", desk.cart((book, 2)), "ada@example.com", "CH")


SECTIONS = {"orders": orders, "shelves": shelves, "vouchers": vouchers, "refusals": refusals, "phone": phone}
