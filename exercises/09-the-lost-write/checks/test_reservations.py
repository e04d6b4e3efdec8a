"""What the shop shows of its books before and after reservations. HTTP in, HTTP out."""

import random
from itertools import count

import pytest
from django.db import connection
from django.urls import get_resolver

from workshop.exercises.findings import Project
from workshop.exercises.probes import database, memory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def started(project_dir):
    """Clear the shop's memory after each test, as if each ran in a new process."""
    list(get_resolver().url_patterns)  # imports every view
    memory_of_start = memory.of(Project(project_dir, project_dir))
    yield
    memory.forget(memory_of_start)


@pytest.fixture
def book(client):
    """Add a book to the shop. Returns a function that asks the shop about it."""

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
    assert response.status_code == 200, f"{what} got {response.status_code}, not 200"
    return response.json()


@pytest.mark.check("a-reservation-is-kept")
def test_a_reservation_is_there_afterwards(book, say):
    shown = book(on_hand=3)

    promised = agreed(say("reserve", 2), "reserving 2 of 3 books")["reserved"]

    kept = shown()["reserved"]
    assert kept == promised == 2, (
        f"for a request of 2 of 3 books, the shop answered that {promised} are reserved; afterwards it shows {kept}"
    )


@pytest.mark.check("a-reservation-is-kept")
def test_reservations_add_up_and_are_given_back(book, say):
    shown = book(on_hand=5)
    agreed(say("reserve", 2), "reserving 2 of 5 books")
    agreed(say("reserve", 2), "reserving 2 more")
    agreed(say("release", 1), "giving one back")

    kept = shown()["reserved"]
    assert kept == 3, f"after 2 and 2 were reserved and 1 was given back, {kept} are reserved, not 3"


@pytest.mark.check("a-reservation-is-kept")
def test_all_that_was_held_is_given_back(book, say):
    shown = book(on_hand=2)
    agreed(say("reserve", 2), "reserving 2 of 2 books")
    agreed(say("release", 2), "giving both back")

    kept = shown()["reserved"]
    assert kept == 0, f"2 were reserved and 2 given back, and the shop has {kept} reserved"


@pytest.mark.check("a-reservation-is-kept")
def test_each_book_is_reserved_for_itself(book, say):
    """Random requests for books with similar numbers, compared with a plain count."""
    shown = {sku: book(sku, on_hand=on_hand) for sku, on_hand in (("dune", 4), ("dune-2", 7), ("du", 1), ("emma", 0))}
    before = {sku: show() for sku, show in shown.items()}
    held, chosen = dict.fromkeys(shown, 0), random.Random(9)
    for _ in range(30):
        sku, what, quantity = chosen.choice(list(shown)), chosen.choice(["reserve", "release"]), chosen.randint(0, 3)
        room = before[sku]["on_hand"] - held[sku] if what == "reserve" else held[sku]
        wanted = 200 if quantity <= room else 409
        asked = f"to {what} {quantity} of {sku} ({before[sku]['on_hand']} on hand, {held[sku]} reserved)"

        found = say(what, quantity, sku).status_code
        assert found == wanted, f"a request {asked} got {found}, not {wanted}"
        if wanted == 200:
            held[sku] += quantity if what == "reserve" else -quantity
        kept = {name: show() for name, show in shown.items()}
        for name in shown:
            expected = before[name] | {"reserved": held[name]}
            assert kept[name] == expected, f"a request {asked} left {name} as {kept[name]}, not as {expected}"


@pytest.mark.check("no-book-is-promised-twice")
def test_the_last_books_go_to_one_order_only(book, say):
    book(on_hand=3)
    agreed(say("reserve", 2), "reserving 2 of 3 books")

    second = say("reserve", 2).status_code

    assert second == 409, f"2 of 3 books were promised, then an order for 2 more got {second}, not 409"


@pytest.mark.check("refusals-change-nothing")
def test_the_last_book_can_be_had_and_not_one_more(book, say):
    book("last", on_hand=3)
    found = [say("reserve", 4, "last").status_code, say("reserve", 3, "last").status_code]
    assert found == [409, 200], f"of 3 books, requests for 4 and then for 3 got {found}, not [409, 200]"


@pytest.mark.check("others-keep-what-they-wrote")
def test_what_the_warehouse_has_counted_is_what_there_is(book, say):
    book(on_hand=10)
    agreed(say("reserve", 1), "reserving 1 of 10 books")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_book SET on_hand = 2")

    found = say("reserve", 3).status_code
    assert found == 409, f"the warehouse counted 2 books between two requests, but a request for 3 got {found}, not 409"


@pytest.mark.check("refusals-change-nothing")
def test_what_cannot_be_is_refused(book, say):
    shown = book(on_hand=3)
    before = shown()

    refused = [say("reserve", 4).status_code, say("release", 1).status_code, say("reserve", 1, "emma").status_code]

    assert refused == [409, 409, 404], (
        f"reserving 4 of 3 books, releasing 1 of 0, and an unknown book got {refused}, not [409, 409, 404]"
    )
    assert shown() == before, "a request that was refused changed the book"


@pytest.mark.check("a-reservation-is-kept")
@pytest.mark.parametrize("what, wanted", [("reserve", 3), ("release", 1)])
@pytest.mark.parametrize("column", ["price", "on_hand", "title"])
def test_a_reservation_is_kept_while_others_write(book, say, column, what, wanted):
    shown = book(on_hand=10)
    agreed(say("reserve", 2), "reserving 2 of 10 books")
    values = count(50)

    def somebody_else_writes():
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE shop_book SET {column} = %s", [next(values)])

    with database.meanwhile(somebody_else_writes):
        agreed(say(what, 1), f"a request to {what} 1, with 2 reserved,")

    kept = shown()["reserved"]
    assert kept == wanted, (
        f"another program wrote {column} after the shop had read the row; a request to {what} 1, with 2 reserved, "
        f"got 200 but left {kept} reserved, not {wanted}"
    )


@pytest.mark.check("others-keep-what-they-wrote")
@pytest.mark.parametrize("what", ["reserve", "release"])
@pytest.mark.parametrize(
    "column, writer",
    [("price", "the price import"), ("on_hand", "the warehouse"), ("title", "the catalogue")],
    ids=["price", "on hand", "title"],
)
@pytest.mark.parametrize("whose", ["dune", "emma"])
def test_the_row_s_other_writers_keep_what_they_wrote(client, book, say, what, column, writer, whose):
    client.raise_request_exception = False  # whether reserving works at all is asked above
    shown = {sku: book(sku, on_hand=10) for sku in ("dune", "emma")}[whose]
    say("reserve", 2)
    values = count(50)
    written = []

    def somebody_else_writes():
        written.append(next(values))
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE shop_book SET {column} = %s WHERE sku = %s", [written[-1], whose])

    with database.meanwhile(somebody_else_writes):
        say(what, 1)

    kept = float(shown()[column])
    assert kept == written[-1], (
        f"{writer} wrote {column} = {written[-1]} for {whose} after the shop had read dune's row; now it is {kept:g}"
    )
