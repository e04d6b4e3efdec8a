"""Take the money of an authorised payment."""

from typing import Protocol

from .models import Payment


class Unavailable(Exception):
    """It is not known whether the money can be taken. Try again later."""


class Gateway(Protocol):
    def capture(self, *, reference, card, amount, currency) -> tuple[int, dict]:
        """The status and the answer."""


def capture_payment(payment, gateway: Gateway):
    """Take the money, at most once. `gateway` is Cardly or a fake. Raises Unavailable if its answer decides nothing."""
    if payment.state != Payment.AUTHORIZED:
        return
    status, answer = gateway.capture(
        reference=payment.reference, card=payment.card, amount=payment.amount, currency=payment.currency
    )
    if status in (200, 201):
        payment.state, payment.charge = Payment.CAPTURED, answer["id"]
    elif status == 402:
        payment.state, payment.failure = Payment.FAILED, answer["reason"]
    else:
        raise Unavailable(f"the gateway answered {status}")
    payment.save(update_fields=["state", "charge", "failure"])
