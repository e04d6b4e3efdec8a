"""What the shop says about its books before and after somebody reserves. HTTP in, HTTP out."""

from itertools import count

import pytest
from django.db import connection

from workshop.exercises.probes import database

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(client):
    """A book that the shop has; returns a function that asks the shop about it."""

    def add(sku="dune", on_hand=3):
        body = {"sku": sku, "title": "Dune", "price": "12.50", "on_hand": on_hand}
        client.post("/books", body, content_type="application/json")
        return lambda: client.get(f"/books/{sku}").json()

    return add


@pytest.fixture
def say(client):
    def send(what, quantity, sku="dune"):
        return client.post(f"/books/{sku}/{what}", {"quantity": quantity}, content_type="application/json")

    return send


def agreed(response, what):
    assert response.status_code == 200, f"{what} was answered with {response.status_code}"
    return response.json()


@pytest.mark.check("a-reservation-is-kept")
def test_a_reservation_is_there_afterwards(book, say):
    shown = book(on_hand=3)

    promised = agreed(say("reserve", 2), "reserving 2 of 3 books")["reserved"]

    kept = shown()["reserved"]
    assert kept == promised == 2, f"the shop promised {promised} books to an order, and has {kept} reserved afterwards"


@pytest.mark.check("a-reservation-is-kept")
def test_reservations_add_up_and_are_given_back(book, say):
    shown = book(on_hand=5)
    agreed(say("reserve", 2), "reserving 2 of 5 books")
    agreed(say("reserve", 2), "reserving 2 more")
    agreed(say("release", 1), "giving one back")

    kept = shown()["reserved"]
    assert kept == 3, f"2 and 2 reserved and 1 given back are 3, and the shop has {kept} reserved"


@pytest.mark.check("no-book-is-promised-twice")
def test_the_last_books_go_to_one_order_only(book, say):
    book(on_hand=3)
    agreed(say("reserve", 2), "reserving 2 of 3 books")

    second = say("reserve", 2).status_code

    assert second == 409, f"2 of 3 books were promised, and then 2 more: the second order got {second} and not 409"


@pytest.mark.check("refusals-change-nothing")
def test_what_cannot_be_is_refused(book, say):
    shown = book(on_hand=3)
    before = shown()

    refused = [say("reserve", 4).status_code, say("release", 1).status_code, say("reserve", 1, "emma").status_code]

    assert refused == [409, 409, 404], f"4 of 3, none to give back, and no such book got {refused}, not 409, 409, 404"
    assert shown() == before, "a request that was refused has changed the book"


@pytest.mark.check("others-keep-what-they-wrote")
@pytest.mark.parametrize("what", ["reserve", "release"])
@pytest.mark.parametrize(
    "column, writer", [("price", "the price import"), ("on_hand", "the warehouse")], ids=["price", "on hand"]
)
def test_the_row_s_other_writers_keep_what_they_wrote(client, book, say, what, column, writer):
    client.raise_request_exception = False  # whether reserving works at all is asked above
    shown = book(on_hand=10)
    say("reserve", 2)
    values = count(50)
    written = []

    def somebody_else_writes():
        written.append(next(values))
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE shop_book SET {column} = %s", [written[-1]])

    with database.meanwhile(somebody_else_writes):
        say(what, 1)

    kept = float(shown()[column])
    assert kept == written[-1], (
        f"{writer} wrote {column} = {written[-1]} after the shop had read the row, and the shop put back {kept:g}"
    )
