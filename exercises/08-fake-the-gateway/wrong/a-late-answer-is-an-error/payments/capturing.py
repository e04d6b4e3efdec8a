"""Take the money of an authorised payment."""

from .models import Payment


class Declined(Exception):
    """The card is declined, and the payment must not be tried again."""


class Unavailable(Exception):
    """It is not known whether the money can be taken. Try again later."""


def capture_payment(payment, gateway):
    """Take the money, at most once. Raises Unavailable if the gateway decides nothing."""
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
