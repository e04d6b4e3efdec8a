"""What a customer sees of an order and its gift note. HTTP in, HTTP out."""

from io import StringIO

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db
NOTE = "Happy birthday, Zoë!\nWith love & a <3 from Åse"


@pytest.fixture
def books(client):
    return {book["title"]: book["id"] for book in stock(client)}


@pytest.fixture
def order(client, books):
    def send(quantity=1, **changes):
        lines = [{"product": books["Fjord"], "quantity": quantity}]
        body = {"email": "ase@example.com", "lines": lines} | changes
        return client.post("/orders", body, content_type="application/json")

    return send


def stock(client):
    return client.get("/products").json()["products"]


def accepted(response):
    assert response.status_code == 201, f"an order was refused: {response.content.decode()}"
    return response.json()


@pytest.mark.check("tables-match-models")
def test_models_and_migrations_say_the_same():
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, interactive=False, stdout=said, stderr=said)
    except SystemExit:
        changes = [line.strip(" +-~") for line in said.getvalue().splitlines() if line.startswith("    ")]
        pytest.fail(f"missing is: {', '.join(changes)}", pytrace=False)


@pytest.mark.check("orders-as-before")
def test_an_order_is_priced_as_it_was(order):
    invoice = accepted(order(quantity=2, voucher="6.00"))

    found = {name: invoice[name] for name in ("subtotal", "voucher", "shipping", "due")}
    wanted = {"subtotal": "36.00", "voucher": "6.00", "shipping": "4.90", "due": "34.90"}
    assert found == wanted, f"two books of 18.00 less 6.00 are invoiced as {found}"
    assert invoice["lines"] == [{"title": "Fjord", "quantity": 2, "total": "36.00"}], "the lines have changed"


@pytest.mark.check("orders-as-before")
def test_a_large_order_ships_free_and_takes_the_goods_out_of_stock(order, client):
    invoice = accepted(order(quantity=3))

    assert invoice["shipping"] == "0.00", f"shipping of 54.00 costs {invoice['shipping']}"
    left = next(book["stock"] for book in stock(client) if book["title"] == "Fjord")
    assert left == 37, f"of 40 books 3 were sold, and {left} are left"


@pytest.mark.check("orders-as-before")
@pytest.mark.parametrize(
    ("changes", "status"),
    [({"email": "nobody"}, 400), ({"shipping": "by owl"}, 400), ({"lines": []}, 400), ({"quantity": 41}, 409)],
    ids=["no address", "no such shipping", "no lines", "more than there are"],
)
def test_what_was_refused_is_refused(order, changes, status):
    found = order(**changes).status_code

    assert found == status, f"an order with {changes} was answered with {found}, not {status}"


@pytest.mark.check("the-note-is-on-the-invoice")
def test_a_note_is_on_the_invoice_now_and_later(order, client):
    made = accepted(order(gift_note=NOTE))
    later = client.get(f"/orders/{made['id']}/invoice").json()

    for name, invoice in (("the answer to the order", made), ("the invoice", later)):
        assert "gift_note" in invoice, f"{name} has no gift_note"
        assert invoice["gift_note"] == NOTE, f"{name} says {invoice['gift_note']!r}, and was given {NOTE!r}"


@pytest.mark.check("no-note-is-empty")
@pytest.mark.parametrize("changes", [{}, {"gift_note": ""}], ids=["left out", "empty"])
def test_without_a_note_the_invoice_has_an_empty_one(order, changes):
    invoice = accepted(order(**changes))

    assert "gift_note" in invoice, "an invoice without a note has no gift_note"
    assert invoice["gift_note"] == "", f"without a note gift_note is {invoice['gift_note']!r}"


@pytest.mark.check("a-long-note-is-refused")
def test_a_note_has_room_on_the_card_or_is_refused(order, client):
    fits = accepted(order(gift_note="é" * 200))
    refused = order(gift_note="é" * 201)

    assert fits.get("gift_note") == "é" * 200, "a note of 200 characters is not kept whole"
    assert refused.status_code == 400, f"a note of 201 characters was answered with {refused.status_code}"
    assert "gift_note" in refused.json()["errors"], f"the errors do not name gift_note: {refused.json()['errors']}"
    left = next(book["stock"] for book in stock(client) if book["title"] == "Fjord")
    assert left == 39, f"a refused order took a book: {left} of 40 are left after one was sold"
