"""Taking the money of an authorised payment."""

from decimal import Decimal
from typing import Protocol

from .models import Payment


class Declined(Exception):
    """The money will not be taken. The text is the provider's reason."""


class Unavailable(Exception):
    """Nobody knows whether the money can be taken. Try again later."""


class Gateway(Protocol):
    """Who takes money from a card."""

    def capture(self, *, reference: str, card: str, amount: Decimal, currency: str) -> str:
        """Returns the charge's id: the first one, where the reference is known. Raises Declined, Unavailable."""


def capture_payment(payment: Payment, gateway: Gateway):
    """Takes the money, at most once. Raises Unavailable where that decides nothing."""
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
