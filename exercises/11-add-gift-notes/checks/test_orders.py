"""An order and its gift note as a customer sees them. HTTP in, HTTP out."""

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
        pytest.fail(f"a migration is missing for {', '.join(changes)}", pytrace=False)


@pytest.mark.check("orders-as-before")
def test_an_order_is_priced_as_it_was(order):
    invoice = accepted(order(quantity=2, voucher="6.00"))

    found = {name: invoice[name] for name in ("subtotal", "voucher", "shipping", "due")}
    wanted = {"subtotal": "36.00", "voucher": "6.00", "shipping": "4.90", "due": "34.90"}
    assert found == wanted, (
        f"for two books of 18.00 and a voucher of 6.00, the invoice should have {wanted}; it has {found}"
    )
    assert invoice["lines"] == [{"title": "Fjord", "quantity": 2, "total": "36.00"}], (
        "the lines of the invoice have changed"
    )


@pytest.mark.check("orders-as-before")
def test_a_large_order_ships_free_and_takes_the_goods_out_of_stock(order, client):
    invoice = accepted(order(quantity=3))

    assert invoice["shipping"] == "0.00", (
        f"an order of 54.00 should ship free, and shipping costs {invoice['shipping']}"
    )
    left = next(book["stock"] for book in stock(client) if book["title"] == "Fjord")
    assert left == 37, f"of 40 books 3 were sold, and {left} are left"


@pytest.mark.check("orders-as-before")
@pytest.mark.parametrize("section", ["orders", "addresses", "refusals"])
def test_orders_of_every_kind_are_answered_as_they_were(as_at_start, section):
    for asked, (status, said), (before, told) in as_at_start(section):
        assert status == before, f"{asked} got status {before} before your change, and now gets {status}"
        for name in [*told, *(name for name in said if name not in told)]:
            found, wanted = (repr(answer[name]) if name in answer else "nothing" for answer in (said, told))
            assert found == wanted, (
                f"in the answer to {asked}, {name} was {wanted} before your change, and now is {found}"
            )


@pytest.mark.check("orders-as-before")
def test_an_order_that_cannot_be_packed_takes_nothing(client, books):
    lines = [{"product": books["Fjord"], "quantity": 2}, {"product": books["The Last Ferry"], "quantity": 4}]
    refused = client.post("/orders", {"email": "a@example.com", "lines": lines}, content_type="application/json")

    assert refused.status_code == 409, f"an order of 4 books with 3 in stock should get 409; got {refused.status_code}"
    left = {book["title"]: book["stock"] for book in stock(client)}
    assert (left["Fjord"], left["The Last Ferry"]) == (40, 3), f"an order that was refused changed the stock to {left}"


@pytest.mark.check("orders-as-before")
@pytest.mark.parametrize(
    ("changes", "status"),
    [({"email": "nobody"}, 400), ({"shipping": "by owl"}, 400), ({"lines": []}, 400), ({"quantity": 41}, 409)],
    ids=["no address", "no such shipping", "no lines", "more than there are"],
)
def test_what_was_refused_is_refused(order, changes, status):
    found = order(**changes).status_code

    assert found == status, f"an order with {changes} got {found}, not {status}"


@pytest.mark.check("the-note-is-on-the-invoice")
def test_a_note_is_on_the_invoice_now_and_later(order, client):
    made = accepted(order(gift_note=NOTE))
    later = client.get(f"/orders/{made['id']}/invoice").json()

    for name, invoice in (("the answer to the order", made), ("the invoice", later)):
        assert "gift_note" in invoice, f"{name} has no gift_note"
        assert invoice["gift_note"] == NOTE, f"the note was {NOTE!r}, but {name} has {invoice['gift_note']!r}"


@pytest.mark.check("the-note-is-on-the-invoice")
def test_each_order_has_its_own_note(order, client):
    notes = ["For Zoë", "<b>42 & more</b>", "two\n\nlines,  two spaces", "å" * 200, "For Zoë"]
    made = [accepted(order(gift_note=note))["id"] for note in notes]

    for number, note in zip(made, notes, strict=True):
        said = client.get(f"/orders/{number}/invoice").json().get("gift_note")
        assert said == note, f"the note was {note!r}, but the invoice has {said!r}"


@pytest.mark.check("no-note-is-empty")
@pytest.mark.parametrize("changes", [{}, {"gift_note": ""}], ids=["left out", "empty"])
def test_without_a_note_the_invoice_has_an_empty_one(order, changes):
    accepted(order(gift_note=NOTE))  # another customer's order
    invoice = accepted(order(**changes))

    assert "gift_note" in invoice, "it has no gift_note"
    assert invoice["gift_note"] == "", f"without a note, gift_note is {invoice['gift_note']!r}"


@pytest.mark.check("no-note-is-empty")
def test_null_is_no_note(order):
    """The shop may also refuse null, as it does for every other field of an order."""
    response = order(gift_note=None)

    if response.status_code != 400:
        said = accepted(response).get("gift_note")
        assert said == "", f"an order's note was null, and its invoice has {said!r}"


@pytest.mark.check("a-long-note-is-refused")
def test_a_note_has_room_on_the_card_or_is_refused(order, client):
    fits = accepted(order(gift_note="é" * 200))
    refused = order(gift_note="é" * 201)
    longer = order(gift_note="x" * 1000)

    assert fits.get("gift_note") == "é" * 200, "a note of 200 characters is not kept whole"
    assert refused.status_code == 400, f"a note of 201 characters got {refused.status_code}, not 400"
    assert "gift_note" in refused.json()["errors"], f"the errors do not name gift_note: {refused.json()['errors']}"
    assert longer.status_code == 400, f"a note of 1000 characters got {longer.status_code}, not 400"
    left = next(book["stock"] for book in stock(client) if book["title"] == "Fjord")
    assert left == 39, f"a refused order took a book: {left} of 40 are left after one was sold"


@pytest.mark.check("a-long-note-is-refused")
def test_a_long_note_is_refused_as_any_bad_field(order):
    errors = order(email="nobody", gift_note="x" * 201).json()["errors"]

    assert isinstance(errors, dict), (
        f"the errors of a long note are {errors!r}, and must be an object with the names of the fields"
    )
    assert {"email", "gift_note"} <= errors.keys(), (
        f"an order had a bad address and a bad note, but the errors name only {', '.join(errors)}"
    )
    assert isinstance(errors["gift_note"], list), (
        f"the errors of a long note are {errors['gift_note']!r}, and must be a list of texts, like those of an address"
    )
