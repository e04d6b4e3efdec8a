from decimal import Decimal

import pytest
from tests.sandbox import Sandbox

from payments.capturing import Declined, Unavailable, capture_payment
from payments.gateway import connect
from payments.models import Payment

TEN = {"amount": Decimal("10.00"), "currency": "EUR"}


class FakeGateway:
    """Takes all money."""

    def capture(self, **payment):
        return "ch_1"


class DecliningGateway:
    def capture(self, **payment):
        raise Declined("insufficient funds")


class BrokenGateway:
    def capture(self, **payment):
        raise Unavailable("down")


@pytest.fixture
def gateway():
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
@pytest.mark.parametrize("gateway, state", [(FakeGateway(), "captured"), (DecliningGateway(), "failed")])
def test_a_capture_decides(gateway, state):
    payment = Payment.objects.create(reference="order-1", card="tok_ok", **TEN)

    capture_payment(payment, gateway)

    assert Payment.objects.get().state == state


@pytest.mark.django_db
def test_an_outage_decides_nothing():
    payment = Payment.objects.create(reference="order-1", card="tok_ok", **TEN)

    with pytest.raises(Unavailable):
        capture_payment(payment, BrokenGateway())
    assert Payment.objects.get().state == "authorized"
