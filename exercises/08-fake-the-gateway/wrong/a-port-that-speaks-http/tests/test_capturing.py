from decimal import Decimal

import pytest
from tests.sandbox import Sandbox

from payments.capturing import Unavailable, capture_payment
from payments.gateway import connect
from payments.models import Payment

TEN = {"amount": Decimal("10.00"), "currency": "EUR"}


class FakeGateway:
    """Answers as Cardly does and knows its test cards."""

    def __init__(self):
        self.charges = {}

    def capture(self, *, reference, card, amount, currency):
        if card == "tok_down":
            return 503, {}
        if card == "tok_declined":
            return 402, {"reason": "insufficient funds"}
        known = reference in self.charges
        charge = self.charges.setdefault(reference, f"ch_{len(self.charges) + 1}")
        return 200 if known else 201, {"id": charge}


@pytest.fixture(params=["fake", "cardly"])
def gateway(request):
    if request.param == "fake":
        yield FakeGateway()
    else:
        with Sandbox() as sandbox:
            yield connect(sandbox.url)


@pytest.mark.parametrize("card, wanted", [("tok_ok", 201), ("tok_declined", 402), ("tok_down", 503)])
def test_every_card_has_its_status(gateway, card, wanted):
    status, _ = gateway.capture(reference="a", card=card, **TEN)

    assert status == wanted


@pytest.mark.django_db
@pytest.mark.parametrize("card, state", [("tok_ok", "captured"), ("tok_declined", "failed")])
def test_a_capture_decides(card, state):
    payment = Payment.objects.create(reference="order-1", card=card, **TEN)

    capture_payment(payment, FakeGateway())

    assert Payment.objects.get().state == state


@pytest.mark.django_db
def test_an_outage_decides_nothing():
    payment = Payment.objects.create(reference="order-1", card="tok_down", **TEN)

    with pytest.raises(Unavailable):
        capture_payment(payment, FakeGateway())
    assert Payment.objects.get().state == "authorized"
