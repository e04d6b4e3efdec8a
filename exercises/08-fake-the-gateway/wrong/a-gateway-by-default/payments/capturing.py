"""Take the money of an authorised payment."""

from decimal import Decimal
from typing import Protocol

from django.conf import settings

from .errors import Declined, Unavailable
from .gateway import connect
from .models import Payment

__all__ = ["Declined", "Gateway", "Unavailable", "capture_payment"]


class Gateway(Protocol):
    """Takes money from a card."""

    def capture(self, *, reference: str, card: str, amount: Decimal, currency: str) -> str:
        """The id of the charge; a known reference gets its first charge. Raises Declined, Unavailable."""


def capture_payment(payment: Payment, gateway: Gateway | None = None):
    """Take the money, at most once. Raises Unavailable if the gateway decides nothing."""
    if payment.state != Payment.AUTHORIZED:
        return
    gateway = gateway or connect(settings.GATEWAY_URL)
    try:
        payment.charge = gateway.capture(
            reference=payment.reference, card=payment.card, amount=payment.amount, currency=payment.currency
        )
        payment.state = Payment.CAPTURED
    except Declined as declined:
        payment.state, payment.failure = Payment.FAILED, str(declined)
    payment.save(update_fields=["state", "charge", "failure"])
