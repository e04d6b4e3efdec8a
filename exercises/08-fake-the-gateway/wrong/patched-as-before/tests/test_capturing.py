from decimal import Decimal
from io import BytesIO
from unittest.mock import MagicMock, patch
from urllib.error import HTTPError

import pytest

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


@patch("payments.gateway.urlopen")
def test_a_charge_has_an_id(urlopen):
    response = MagicMock()
    response.__enter__.return_value = response
    response.read.return_value = b'{"id": "ch_1"}'
    urlopen.return_value = response

    assert connect("https://gateway.test").capture(reference="a", card="tok_ok", **TEN) == "ch_1"


@patch("payments.gateway.urlopen")
@pytest.mark.parametrize("status, error", [(402, Declined), (503, Unavailable)])
def test_what_cannot_be_taken_is_said(urlopen, status, error):
    urlopen.side_effect = HTTPError("", status, "", None, BytesIO(b'{"reason": "insufficient funds"}'))

    with pytest.raises(error):
        connect("https://gateway.test").capture(reference="a", card="tok_ok", **TEN)


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
