"""Random orders, with and without a note, and the shop's answers without the notes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from random import Random
from typing import Any

PRICES = ("0.00", "0.01", "4.99", "12.50", "24.99", "25.00", "25.01", "50.00", "4000.00")
VOUCHERS = ("0", "0", "0.01", "4.99", "20.00", "49.98", "60.00", "99.99", "10000.00", "99999999.99")
NOTES = ("", "For Zoë", "Happy birthday!\nWith love & a <3", "å" * 90)


class Desk:
    """A customer who sends orders. Each comes back as a pair of question and answer."""

    def __init__(self, client: Any) -> None:
        from django.apps import apps

        self.client = client
        create = apps.get_model("shop", "Product").objects.create
        self.books = {price: create(title=f"for {price}", price=price, stock=10_000).pk for price in PRICES}

    def line(self, price: str, quantity: object = 1) -> dict[str, Any]:
        return {"product": self.books[price], "quantity": quantity}

    def order(self, what: str, **body: Any) -> tuple[str, Any]:
        response = self.client.post("/orders", body, content_type="application/json")
        return what, [response.status_code, without_note(response.json())]

    def look(self, what: str, address: str) -> tuple[str, Any]:
        response = self.client.get(address)
        return what, [response.status_code, without_note(response.json() if response.status_code == 200 else {})]


def without_note(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without the note, and without the year in its number: start/ may have been asked last year."""
    left = {name: value for name, value in answer.items() if name != "gift_note"}
    if "number" in left:
        left["number"] = str(left["number"]).replace(f"{datetime.now(UTC):%Y}-", "YYYY-", 1)
    return left


def orders(client: Any) -> Iterator[tuple[str, Any]]:
    desk, lots = Desk(client), Random(11)
    baskets = [[("24.99", 2)], [("25.00", 2)], [("25.01", 2)], [("50.00", 1)], [("0.00", 1)], [("4000.00", 4)]]
    asked: list[tuple[list[tuple[str, int]], str, str]] = list(
        product(baskets, ["standard"], ["0", "49.98", "60.00", "10000.00"])
    )
    for _ in range(36):
        basket = [(lots.choice(PRICES), lots.randint(1, 4)) for _ in range(lots.randint(1, 3))]
        asked.append((basket, lots.choice(["standard", "express"]), lots.choice(VOUCHERS)))
    for number, (basket, shipping, voucher) in enumerate(asked):
        note = NOTES[number % len(NOTES)]
        bought = " and ".join(f"{quantity} for {price}" for price, quantity in basket)
        what = f"an order of {bought}, {shipping} shipping, a voucher of {voucher}{', a note' if note else ''}"
        lines = [desk.line(price, quantity) for price, quantity in basket]
        yield desk.order(
            what, email="ase@example.com", lines=lines, shipping=shipping, voucher=voucher, **with_note(note)
        )
    yield desk.look("the invoice of the last order", f"/orders/{len(asked)}/invoice")
    yield desk.look("the list of books after all orders", "/products")


def addresses(client: Any) -> Iterator[tuple[str, Any]]:
    desk = Desk(client)
    for address in ("Ase.Berg@Example.com", "ase+books@example.com", " ase@example.com ", "a" * 64 + "@example.com"):
        for note in NOTES[:2]:
            yield desk.order(f"an order by {address!r}", email=address, lines=[desk.line("4.99")], **with_note(note))


def refusals(client: Any) -> Iterator[tuple[str, Any]]:
    desk = Desk(client)
    good = {"email": "ase@example.com", "lines": [desk.line("4.99")]}
    for number, (field, value) in enumerate(
        (
            *(("email", bad) for bad in ("nobody", "", None, f"{'a' * 250}@example.com")),
            *(("shipping", bad) for bad in ("by owl", "", None, "Express")),
            *(("voucher", bad) for bad in ("much", "", None, "1.001", "100000000.00")),
            ("lines", []),
            *(("lines", [desk.line("4.99", bad)]) for bad in ("many", -1, None, 10_001)),
            ("lines", [{"product": 999, "quantity": 1}]),
            ("lines", [desk.line("4.99"), desk.line("0.01", 10_001)]),
        )
    ):
        note = with_note(NOTES[number % 2])
        yield desk.order(f"an order with {field} {value!r}", **(good | {field: value} | note))
    yield desk.order("an order without an address", lines=good["lines"])
    yield desk.order("an order without lines and address")
    yield desk.look("the list of books after the refusals", "/products")


def with_note(note: str) -> dict[str, str]:
    return {"gift_note": note} if note else {}


SECTIONS = {"orders": orders, "addresses": addresses, "refusals": refusals}
