from decimal import Decimal

import pytest

from payments.capturing import Declined, Unavailable, capture_payment
from payments.gateway import connect
from payments.models import Payment

from .sandbox import Sandbox


class FakeGateway:
    def __init__(self):
        self.charges = {}

    def capture(self, *, reference, card, amount, currency):
        if card == "tok_down":
            raise Unavailable("down")
        if card == "tok_declined":
            raise Declined("insufficient funds")
        if reference not in self.charges:
            self.charges[reference] = (f"ch_{len(self.charges) + 1}", amount, currency)
        return self.charges[reference][0]


@pytest.fixture(params=["fake", "cardly"])
def gateway(request):
    if request.param == "fake":
        yield FakeGateway()
    else:
        with Sandbox() as sandbox:
            yield connect(sandbox.url)


def ask(gateway, reference="order-1", card="tok_ok", amount="12.50", currency="EUR"):
    return gateway.capture(reference=reference, card=card, amount=Decimal(amount), currency=currency)


def test_a_charge_has_an_id(gateway):
    assert ask(gateway)


def test_a_reference_is_charged_once(gateway):
    assert ask(gateway) == ask(gateway)


def test_another_reference_is_another_charge(gateway):
    assert ask(gateway) != ask(gateway, "order-2")


def test_a_card_is_declined(gateway):
    with pytest.raises(Declined, match="insufficient funds"):
        ask(gateway, card="tok_declined")


def test_the_gateway_is_down(gateway):
    with pytest.raises(Unavailable):
        ask(gateway, card="tok_down")


@pytest.mark.parametrize(("amount", "currency", "units"), [("12.50", "EUR", 1250), ("1250", "JPY", 1250)])
def test_cardly_counts_in_the_smallest_unit(amount, currency, units):
    with Sandbox() as sandbox:
        ask(connect(sandbox.url), amount=amount, currency=currency)
    assert sandbox.charges["order-1"]["amount"] == units


def pay(card="tok_ok"):
    return Payment.objects.create(reference="order-1", card=card, amount=Decimal("12.50"), currency="EUR")


@pytest.mark.django_db
def test_a_capture_takes_the_money():
    payment = pay()
    capture_payment(payment, FakeGateway())
    payment.refresh_from_db()
    assert (payment.state, payment.charge) == ("captured", "ch_1")


@pytest.mark.django_db
def test_a_declined_payment_has_failed():
    payment = pay("tok_declined")
    capture_payment(payment, FakeGateway())
    payment.refresh_from_db()
    assert (payment.state, payment.failure) == ("failed", "insufficient funds")


@pytest.mark.django_db
def test_an_outage_decides_nothing():
    payment = pay("tok_down")
    with pytest.raises(Unavailable):
        capture_payment(payment, FakeGateway())
    assert payment.state == "authorized"
