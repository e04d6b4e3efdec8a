"""Take the money of an authorised payment."""

from decimal import Decimal
from typing import Protocol

from .models import Payment


class Declined(Exception):
    """The card is declined. The text is the provider's reason."""


class Unavailable(Exception):
    """It is not known whether the money can be taken. Try again later."""


class Gateway(Protocol):
    """Takes money from a card."""

    def capture(self, *, reference: str, card: str, amount: Decimal, currency: str) -> str:
        """The id of the charge; a known reference gets its first charge. Raises Declined, Unavailable."""


def capture_payment(payment: Payment, gateway: Gateway):
    """Take the money, at most once. Raises Unavailable if the gateway decides nothing."""
    if payment.state != Payment.AUTHORIZED:
        return
    try:
        payment.charge = gateway.capture(
            reference=payment.reference, card=payment.card, amount=payment.amount, currency=payment.currency
        )
        payment.state = Payment.CAPTURED
    except Declined as declined:
        payment.state, payment.failure = Payment.FAILED, str(declined)
    payment.save(update_fields=["state", "charge", "failure"])
