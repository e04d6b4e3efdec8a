import json
from decimal import Decimal
from io import BytesIO
from unittest.mock import MagicMock, patch
from urllib.error import HTTPError

import pytest

from payments.capturing import Unavailable, capture_payment
from payments.gateway import connect
from payments.models import Payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment():
    return Payment.objects.create(reference="order-1", card="tok_ok", amount=Decimal("12.50"), currency="EUR")


@patch("payments.gateway.urlopen")
def test_a_capture_takes_the_money(urlopen, payment):
    response = MagicMock(status=201)
    response.__enter__.return_value = response
    response.read.return_value = b'{"id": "ch_1"}'
    urlopen.return_value = response

    capture_payment(payment, connect("https://gateway.test"))

    assert (payment.state, payment.charge) == ("captured", "ch_1")
    assert json.loads(urlopen.call_args.args[0].data)["amount"] == 1250


@patch("payments.gateway.urlopen")
def test_a_card_is_declined(urlopen, payment):
    urlopen.side_effect = HTTPError("", 402, "", None, BytesIO(b'{"reason": "insufficient funds"}'))

    capture_payment(payment, connect("https://gateway.test"))

    assert (payment.state, payment.failure) == ("failed", "insufficient funds")


@patch("payments.gateway.urlopen", side_effect=OSError)
def test_an_outage_decides_nothing(urlopen, payment):
    with pytest.raises(Unavailable):
        capture_payment(payment, connect("https://gateway.test"))
    assert payment.state == "authorized"
