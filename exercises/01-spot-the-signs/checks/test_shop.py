"""The shop works, and the learner has not changed it. HTTP in, HTTP out."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.apps import apps

pytestmark = pytest.mark.django_db

ANNA = {"email": "anna@example.com", "name": "Anna Berg", "street": "Storgata 1", "town": "Oslo"}


class Provider(BaseHTTPRequestHandler):
    """Charges every card."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"id": "ch_1"}).encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture
def cards(settings):
    with HTTPServer(("127.0.0.1", 0), Provider) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        settings.CARDS_URL = f"http://127.0.0.1:{server.server_port}/"
        yield
        server.shutdown()


@pytest.fixture
def order(client):
    """Two books of 20.00, one kilogram each."""
    products = apps.get_model("shop", "Product").objects
    products.create(sku="B-1", title="A book", price="20.00", grams=1000, stock=5)

    def make(carrier="postal", **more):
        body = {**ANNA, "carrier": carrier, "lines": {"B-1": 2}, **more}
        made = client.post("/orders", body, content_type="application/json")
        assert made.status_code == 201, f"POST /orders answers {made.status_code} {made.content.decode()[:200]}"
        return f"orders/{made.json()['id']}"

    return make


@pytest.mark.check("the-shop-works")
@pytest.mark.parametrize(
    ("carrier", "cost", "link"),
    [
        ("postal", "4.90", "https://post.example/"),
        ("parcelo", "6.90", "https://parcelo.example/"),
        ("bike", "7.00", ""),
    ],
)
def test_shipping_costs_what_the_carrier_takes(order, client, carrier, cost, link):
    shown = client.get(f"/{order(carrier)}/shipping").json()

    assert shown["cost"] == cost, f"two kilograms with {carrier} cost {cost}, but GET …/shipping says {shown['cost']}"
    assert (shown["link"] or "").startswith(link), f"for {carrier} GET …/shipping says the link {shown['link']}"


@pytest.mark.check("the-shop-works")
def test_a_payment_sends_a_letter_and_reduces_the_stock(order, client, cards, mailoutbox):
    paid = client.post(f"/{order()}/pay")

    left = apps.get_model("shop", "Product").objects.get().stock
    found = (paid.json(), left, [letter.to for letter in mailoutbox])
    assert found == ({"status": "paid"}, 3, [["anna@example.com"]]), (
        f"after an order of two of five pieces is paid, its status, the stock and the letters are {found}"
    )


@pytest.mark.check("the-shop-works")
def test_a_new_order_can_be_cancelled_but_only_once(order, client):
    made = order()

    answers = [client.post(f"/{made}/cancel").status_code for _ in range(2)]

    assert answers == [200, 409], f"cancelling an order twice answers {answers}, and not [200, 409]"


@pytest.mark.check("the-shop-works")
def test_the_office_changes_an_address_and_packs(order, client):
    made = order()
    client.post(f"/office/{made}/address", {"name": "Anna Berg", "street": "Kirkeveien 2", "town": "Oslo"})

    listed = client.get(f"/office/{made}/packing-list").content.decode()

    assert "Kirkeveien 2" in listed and "     2  B-1" in listed, (
        f"after a change of address the packing list says {listed!r}"
    )
    assert "     2  with postal" in listed, f"two pieces go with postal, but the packing list says {listed!r}"
