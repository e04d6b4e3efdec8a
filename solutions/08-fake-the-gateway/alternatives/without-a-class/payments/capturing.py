"""Take the money of an authorised payment."""

from .models import Payment


class Declined(Exception):
    """The card is declined. The text is the provider's reason."""


class Unavailable(Exception):
    """It is not known whether the money can be taken. Try again later."""


def capture_payment(payment, gateway):
    """Take the money, at most once, through any object with `capture`. Raises Unavailable if that decides nothing."""
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
