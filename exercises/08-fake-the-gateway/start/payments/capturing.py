"""Take the money of an authorised payment."""

from .models import Payment


class Unavailable(Exception):
    """It is not known whether the money can be taken. Try again later."""


def capture_payment(payment, post):
    """Take the money, at most once. `post` calls the gateway. Raises Unavailable if its answer decides nothing."""
    if payment.state != Payment.AUTHORIZED:
        return
    digits = 0 if payment.currency == "JPY" else 2
    body = {
        "reference": payment.reference,
        "card": payment.card,
        "amount": int(payment.amount.scaleb(digits)),
        "currency": payment.currency,
    }
    status, answer = post("/captures", body)
    if status in (200, 201):
        payment.state, payment.charge = Payment.CAPTURED, answer["id"]
    elif status == 402:
        payment.state, payment.failure = Payment.FAILED, answer["reason"]
    else:
        raise Unavailable(f"the gateway answered {status}")
    payment.save(update_fields=["state", "charge", "failure"])
