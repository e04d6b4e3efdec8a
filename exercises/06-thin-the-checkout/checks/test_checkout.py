"""Orders as customers and the phone desk see them: HTTP and a command in, answers out."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


@pytest.fixture
def book():
    """Creates a book, as the back office does."""

    def enter(price="20.00", stock=5, weight=300, title="Dune"):
        return apps.get_model("shop", "Book").objects.create(title=title, price=price, stock=stock, weight=weight).pk

    return enter


@pytest.fixture
def voucher():
    """Creates a voucher, as the back office does."""

    def enter(code="SPRING", amount="5.00", least="0.00", uses_left=1):
        apps.get_model("shop", "Voucher").objects.create(code=code, amount=amount, least=least, uses_left=uses_left)

    return enter


@pytest.fixture
def cart(client):
    def fill(*lines):
        body = {"lines": [{"book": book, "quantity": quantity} for book, quantity in lines]}
        return client.post("/carts", body, content_type="application/json").json()["id"]

    return fill


@pytest.fixture
def check_out(client):
    def send(cart, country="DE", **more):
        body = {"cart": cart, "email": "ada@example.com", "country": country} | more
        return client.post("/checkout", body, content_type="application/json")

    return send


@pytest.fixture
def stock(client):
    return lambda book: client.get(f"/books/{book}").json()["stock"]


def placed(response):
    assert response.status_code == 201, (
        f"a valid order is answered with {response.status_code} {response.content.decode()[:120]}"
    )
    return response.json()


def refused(response, status, why):
    assert response.status_code == status, f"{why} is answered with {response.status_code}, and not with {status}"
    assert response.json().get("error"), f"the refusal of {why} has no `error` with the reason"


@pytest.mark.check("an-order-adds-up")
def test_goods_and_shipping_make_the_total(book, cart, check_out, client):
    order = placed(check_out(cart((book("12.50", title="Emma"), 2))))

    found = (order["shipping"], order["total"], order["lines"])
    assert found == ("3.90", "28.90", ["2 × Emma"]), f"2 × 12.50 and 3.90 for shipping is 28.90; the order says {found}"
    assert client.get(f"/orders/{order['id']}").json() == order, "a later request for the order has another answer"


@pytest.mark.check("an-order-adds-up")
@pytest.mark.parametrize(
    ("country", "price", "weight", "shipping"),
    [
        ("DE", "20.00", 1000, "3.90"),
        ("DE", "20.00", 1001, "5.90"),
        ("CH", "20.00", 300, "9.90"),
        ("AT", "59.99", 1500, "9.90"),
        ("AT", "60.00", 1500, "0.00"),
    ],
)
def test_shipping_goes_by_country_weight_and_total(book, cart, check_out, country, price, weight, shipping):
    order = placed(check_out(cart((book(price, weight=weight), 1)), country))

    said = f"{weight} g for {price} to {country}"
    assert order["shipping"] == shipping, f"shipping of {said} costs {shipping}; the order says {order['shipping']}"


@pytest.mark.check("an-order-adds-up")
@pytest.mark.parametrize(
    ("price", "amount", "off", "total"),
    [("20.00", "5.00", "5.00", "18.90"), ("4.00", "5.00", "4.00", "3.90"), ("62.00", "5.00", "5.00", "60.90")],
    ids=["comes off", "takes at most the goods", "comes off before shipping is free"],
)
def test_a_voucher_comes_off(book, cart, check_out, voucher, price, amount, off, total):
    voucher(amount=amount)

    order = placed(check_out(cart((book(price), 1)), voucher="SPRING"))

    found = (order["voucher"], order["total"])
    assert found == (off, total), (
        f"a voucher of {amount} for goods of {price} takes {off} off, and the total with shipping is {total}; "
        f"the order says {found}"
    )


@pytest.mark.check("books-are-taken-once")
def test_books_leave_the_stock_and_the_cart(book, cart, check_out, stock):
    dune = book(stock=5)
    filled = cart((dune, 2))
    placed(check_out(filled))

    again = check_out(filled)

    assert stock(dune) == 3, f"an order of 2 of 5 books leaves 3; the stock is {stock(dune)}"
    refused(again, 409, "a second order of the same cart")


@pytest.mark.check("books-are-taken-once")
def test_an_order_for_more_than_the_stock_is_refused_and_takes_nothing(book, cart, check_out, stock):
    plenty, rare = book(stock=9), book(stock=1)

    refused(check_out(cart((plenty, 1), (rare, 2))), 409, "an order for 2 copies of a book with 1 in stock")
    assert (stock(plenty), stock(rare)) == (9, 1), "a refused order took books from the stock"


@pytest.mark.check("vouchers-are-used-up")
def test_a_voucher_for_one_use_is_used_once(book, cart, check_out, voucher):
    voucher(uses_left=1)
    dune = book()
    placed(check_out(cart((dune, 1)), voucher="SPRING"))

    refused(check_out(cart((dune, 1)), voucher="SPRING"), 409, "an order with a voucher that is used up")


@pytest.mark.check("vouchers-are-used-up")
def test_a_voucher_for_a_larger_order_is_refused_and_stays(book, cart, check_out, voucher):
    voucher(least="30.00")

    refused(check_out(cart((book("20.00"), 1)), voucher="SPRING"), 409, "an order of 20.00 with a voucher from 30.00")
    placed(check_out(cart((book("30.00"), 1)), voucher="SPRING"))


@pytest.mark.check("what-is-wrong-is-said")
def test_an_invalid_order_is_refused(book, cart, check_out, client):
    filled = cart((book(), 1))

    refused(check_out(filled, country="FR"), 409, "an order to France")
    refused(check_out(filled, voucher="NOSUCH"), 409, "an order with an unknown voucher")
    refused(check_out(cart()), 409, "an order of an empty cart")
    refused(check_out(999), 404, "an order of an unknown cart")
    refused(client.post("/checkout", {}, content_type="application/json"), 400, "an order without cart and address")
    placed(check_out(filled))


@pytest.fixture
def phone(cart):
    def call(*arguments):
        said = StringIO()
        call_command("phone_order", *map(str, arguments), stdout=said)
        return said.getvalue().strip()

    return call


@pytest.mark.check("the-phone-desk-still-works")
def test_the_phone_desk_places_an_order(book, cart, phone, stock, voucher):
    voucher()
    dune = book("20.00", stock=5)

    said = phone(cart((dune, 2)), "ada@example.com", "AT", "--voucher", "SPRING")

    assert said == "order 1: 41.90 EUR", (
        f"2 × 20.00 less 5.00 and 6.90 for shipping is 41.90; the command says {said!r}"
    )
    assert stock(dune) == 3, f"the phone desk sold 2 of 5 books; the stock is {stock(dune)}"


@pytest.mark.check("the-phone-desk-still-works")
@pytest.mark.parametrize("country, cart_id", [("FR", None), ("DE", 999)], ids=["no shipping", "no such cart"])
def test_the_phone_desk_gets_the_reason_of_a_refusal(book, cart, phone, country, cart_id):
    try:
        said = phone(cart_id or cart((book(), 1)), "ada@example.com", country)
    except CommandError as error:
        said = f"CommandError: {error}"

    wanted = f"no parcels to {country}" if cart_id is None else "no such cart"
    assert said.startswith("CommandError") and wanted in said, (
        f"the command should end with a CommandError about {wanted!r}, but says {said!r}"
    )


@pytest.mark.parametrize(
    "section",
    [
        pytest.param("orders", marks=pytest.mark.check("an-order-adds-up")),
        pytest.param("shelves", marks=pytest.mark.check("books-are-taken-once")),
        pytest.param("vouchers", marks=pytest.mark.check("vouchers-are-used-up")),
        pytest.param("refusals", marks=pytest.mark.check("what-is-wrong-is-said")),
        pytest.param("phone", marks=pytest.mark.check("the-phone-desk-still-works")),
    ],
)
def test_hundreds_of_orders_are_answered_as_at_the_start(as_at_start, section):
    for order, now, then in as_at_start(section):
        if section in ("refusals", "phone"):
            assert now == then, f"for {order}, the answer was {then}, and is now {now}"
        else:
            found, wanted = ([status, said if status < 400 else "a refusal"] for status, said in (now, then))
            assert found == wanted, f"for {order}, the answer was {wanted}, and is now {found}"


@pytest.mark.check("what-is-wrong-is-said")
@pytest.mark.parametrize("section", ["orders", "shelves", "vouchers"])
def test_a_refusal_has_the_same_text_as_at_the_start(as_at_start, section):
    for order, (status, said), (before, told) in as_at_start(section):
        if status >= 400 and before >= 400:
            assert said == told, f"for {order}, the refusal was {told}, and is now {said}"
