"""What a customer sees. WRITE: black-box tests, HTTP in and HTTP out, each with a message for the learner."""

import pytest


@pytest.mark.check("prices-hold-the-tax")
def test_a_price_holds_the_tax(client):
    price = client.get("/price/10.00").json()["price"]

    assert price == "12.50", f"10.00 and a quarter of it are 12.50, not {price}"
