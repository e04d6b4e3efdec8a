"""The shop as partners' apps see it, to the byte. HTTP in, HTTP out."""

import json

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

pytestmark = pytest.mark.django_db

BOOK = {"sku": "B-1", "title": "Zoë's book", "price": "19.90", "stock": 7}
PRINT = {"sku": "B-2", "title": "Print, made to order", "price": "120.00"}
POSTER = {"sku": "B-3", "title": "Poster", "price": "5.00", "stock": 0}
BOOK_NOW = '{"id":1,"available":7,"sku":"B-1","title":"Zoë\'s book","price":"19.90","stock":7}'
PRINT_NOW = '{"id":2,"available":null,"sku":"B-2","title":"Print, made to order","price":"120.00","stock":null}'
POSTER_NOW = '{"id":3,"available":0,"sku":"B-3","title":"Poster","price":"5.00","stock":0}'


@pytest.fixture
def api(client):
    def call(method, address, body=None):
        written = "" if body is None else json.dumps(body)
        return client.generic(method, address, written, content_type="application/json")

    return call


@pytest.fixture
def shop(api):
    for product in (BOOK, PRINT, POSTER):
        expect(api("POST", "/products", product), 201)
    expect(api("POST", "/carts", {"currency": "EUR"}), 201)
    return api


def expect(response, status, body=None):
    said = response.content.decode()
    request = f"{response.request['REQUEST_METHOD']} {response.request['PATH_INFO']}"
    assert response.status_code == status, f"{request} answers {response.status_code}, and not {status}: {said[:200]}"
    if body is not None:
        at = next(
            (place for place, (one, other) in enumerate(zip(said, body, strict=False)) if one != other), len(body)
        )
        differ = f"{excerpt(said, at)} instead of {excerpt(body, at)}{only_the_order(said, body)}"
        assert said == body, f"{request} answers {differ}"


def only_the_order(said, before):
    """A remark for an answer with the same values in another order; empty for any other difference."""
    try:
        return " (the same values in another order)" if json.loads(said) == json.loads(before) else ""
    except ValueError:
        return ""


def excerpt(text, at):
    first, last = max(at - 12, 0), at + 24
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


@pytest.mark.check("migrations-fit-the-models")
def test_every_change_of_a_model_has_a_migration():
    loader = MigrationLoader(None)
    compared = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))

    changes = compared.changes(graph=loader.graph)

    steps = [step for found in changes.values() for migration in found for step in migration.operations]
    places = sorted({".".join(filter(None, (getattr(step, "model_name", ""), step.name))) for step in steps})
    assert not steps, " and ".join(places)


@pytest.mark.check("the-api-takes-the-same")
def test_a_product_is_created_as_before(api):
    expect(api("POST", "/products", BOOK), 201, BOOK_NOW)
    expect(api("POST", "/products", PRINT), 201, PRINT_NOW)
    expect(api("POST", "/products", POSTER), 201, POSTER_NOW)


@pytest.mark.check("the-api-takes-the-same")
def test_the_warehouse_corrects_its_numbers(shop):
    expect(shop("PATCH", "/products/1", {"stock": 12}), 200, BOOK_NOW.replace("7", "12"))
    expect(shop("PATCH", "/products/1", {"title": "A book"}), 200, BOOK_NOW.replace("Zoë's", "A").replace("7", "12"))
    expect(shop("PATCH", "/products/1", {"stock": None}), 200, BOOK_NOW.replace("Zoë's", "A").replace("7", "null"))
    expect(shop("PUT", "/products/1", {**BOOK, "stock": 7}), 200, BOOK_NOW)


@pytest.mark.check("the-api-answers-the-same")
def test_products_are_listed_as_before(shop):
    expect(shop("GET", "/products"), 200, f"[{BOOK_NOW},{PRINT_NOW},{POSTER_NOW}]")
    expect(shop("GET", "/products/2"), 200, PRINT_NOW)


@pytest.mark.check("the-api-answers-the-same")
def test_a_cart_shows_its_products_as_before(shop):
    book = '{"product":{"id":1,"sku":"B-1","title":"Zoë\'s book","price":"19.90","stock":7},"quantity":2}'
    made = '{"product":{"id":2,"sku":"B-2","title":"Print, made to order","price":"120.00","stock":null},"quantity":1}'
    cart = f'{{"id":1,"currency":"EUR","voucher":"0.00","ordered":false,"lines":[{book},{made}]}}'
    shop("POST", "/carts/1/lines", {"sku": "B-1", "quantity": 2})

    expect(shop("POST", "/carts/1/lines", {"sku": "B-2"}), 201, cart)
    expect(shop("GET", "/carts/1"), 200, cart)


@pytest.mark.check("refusals-name-the-same-fields")
@pytest.mark.parametrize(
    ("number", "reason"),
    [("many", "A valid integer is required."), (-1, "Ensure this value is greater than or equal to 0.")],
)
def test_a_refusal_names_the_field_that_the_app_sent(shop, number, reason):
    expect(shop("PATCH", "/products/1", {"stock": number}), 400, f'{{"stock":["{reason}"]}}')


@pytest.mark.check("goods-are-reserved-and-booked-out")
def test_goods_in_a_cart_are_reserved_and_ordered_goods_leave_the_shelf(shop):
    shop("POST", "/carts/1/lines", {"sku": "B-1", "quantity": 2})
    reserved = shop("GET", "/products/1").json()
    ordered = shop("POST", "/carts/1/order")
    gone = shop("GET", "/products/1").json()

    expect(ordered, 200)
    numbers = [(shown.get("available"), shown.get("stock")) for shown in (reserved, gone)]
    assert numbers == [(5, 7), (5, 5)], (
        f"if two of seven are reserved and then ordered, (available, stock) is (5, 7) and then (5, 5), not {numbers}"
    )


@pytest.mark.check("goods-are-reserved-and-booked-out")
def test_the_shop_never_sells_more_than_it_has(shop):
    shop("POST", "/carts/1/lines", {"sku": "B-1", "quantity": 7})
    shop("PATCH", "/products/1", {"stock": 3})

    expect(shop("POST", "/carts/1/lines", {"sku": "B-3"}), 409, '{"error":"0 of B-3 are left"}')
    expect(shop("POST", "/carts/1/order"), 409, '{"error":"fewer than 7 of B-1"}')
    expect(
        shop("GET", "/products?orderable=1"), 200, f"[{BOOK_NOW.replace('7', '-4', 1).replace('7', '3')},{PRINT_NOW}]"
    )


@pytest.mark.parametrize(
    ("section", "refused"),
    [
        pytest.param("stock", False, marks=pytest.mark.check("the-api-takes-the-same")),
        pytest.param("other fields", False, marks=pytest.mark.check("the-api-takes-the-same")),
        pytest.param("stock", True, marks=pytest.mark.check("refusals-name-the-same-fields")),
        pytest.param("other fields", True, marks=pytest.mark.check("refusals-name-the-same-fields")),
        pytest.param("carts", False, marks=pytest.mark.check("the-api-answers-the-same")),
        pytest.param("carts", True, marks=pytest.mark.check("refusals-name-the-same-fields")),
        pytest.param("goods", False, marks=pytest.mark.check("goods-are-reserved-and-booked-out")),
        pytest.param("goods", True, marks=pytest.mark.check("goods-are-reserved-and-booked-out")),
    ],
)
def test_every_request_gets_the_same_answer_as_at_the_start(as_at_start, section, refused):
    for request, (status, said), (before, told) in as_at_start(section):
        if not refused:
            assert status == before, f"{request} answers {status} {said[:120]} instead of {before} {told[:120]}"
        if (before >= 400) is refused and (status >= 400) is refused:
            at = next((place for place, pair in enumerate(zip(said, told, strict=False)) if pair[0] != pair[1]), 0)
            differ = f"{excerpt(said, at)} instead of {excerpt(told, at)}{only_the_order(said, told)}"
            assert said == told, f"{request} answers {differ}"
