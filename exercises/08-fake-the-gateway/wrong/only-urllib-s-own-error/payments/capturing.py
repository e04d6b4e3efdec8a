"""Taking the money of an authorised payment."""

from .models import Payment


class Declined(Exception):
    """The card is refused, for good."""


class Unavailable(Exception):
    """Nobody knows whether the money can be taken. Try again later."""


def capture_payment(payment, gateway):
    """Takes the money, at most once. Raises Unavailable where the gateway decides nothing."""
    if payment.state != Payment.AUTHORIZED:
        return
    try:
        payment.charge = gateway.capture(
            reference=payment.reference, card=payment.card, amount=payment.amount, currency=payment.currency
        )
        payment.state = Payment.CAPTURED
    except Declined as error:
        payment.state, payment.failure = Payment.FAILED, str(error)
    payment.save(update_fields=["state", "charge", "failure"])
