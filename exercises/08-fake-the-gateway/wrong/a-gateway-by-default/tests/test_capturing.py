from decimal import Decimal

import pytest
from tests.sandbox import Sandbox

from payments.capturing import Declined, Unavailable, capture_payment
from payments.gateway import connect
from payments.models import Payment

TEN = {"amount": Decimal("10.00"), "currency": "EUR"}


class FakeGateway:
    """Takes money in memory and knows Cardly's test cards."""

    def __init__(self):
        self.charges = {}

    def capture(self, *, reference, card, amount, currency):
        if card == "tok_down":
            raise Unavailable("down")
        if card == "tok_declined":
            raise Declined("insufficient funds")
        return self.charges.setdefault(reference, f"ch_{len(self.charges) + 1}")


@pytest.fixture(params=["fake", "cardly"])
def gateway(request):
    """Each gateway in turn. The tests that use this fixture are the contract."""
    if request.param == "fake":
        yield FakeGateway()
    else:
        with Sandbox() as sandbox:
            yield connect(sandbox.url)


def test_a_reference_is_charged_once(gateway):
    first, again, other = (gateway.capture(reference=name, card="tok_ok", **TEN) for name in ("a", "a", "b"))

    assert first == again != other


@pytest.mark.parametrize("card, error", [("tok_declined", Declined), ("tok_down", Unavailable)])
def test_what_cannot_be_taken_is_said(gateway, card, error):
    with pytest.raises(error):
        gateway.capture(reference="a", card=card, **TEN)


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
