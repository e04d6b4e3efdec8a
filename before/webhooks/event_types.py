"""The types of events, and the entries that a client may subscribe to."""

from clients.models import ApiWords


class EventType(ApiWords):
    PAYMENT_AUTHORIZED = "payment.authorized"
    PAYMENT_CAPTURED = "payment.captured"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_REFUNDED = "payment.refunded"
    PAYOUT_PAID = "payout.paid"


SUBSCRIPTIONS = (*EventType.values, "payment.*", "*")


def covered(entries: list[str]) -> set[EventType]:
    """The types that a client's `event_types` include."""
    return {
        event_type
        for event_type in EventType
        if event_type in entries or "*" in entries or ("payment.*" in entries and event_type.startswith("payment."))
    }
