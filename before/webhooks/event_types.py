"""The types of events, and what a client may subscribe to."""

EVENT_TYPES = ("payment.authorized", "payment.captured", "payment.failed", "payment.refunded", "payout.paid")
SUBSCRIPTIONS = (*EVENT_TYPES, "payment.*", "*")


def covered(entries: list[str]) -> set[str]:
    """The types that a client's `event_types` stand for."""
    return {
        event_type
        for event_type in EVENT_TYPES
        if event_type in entries or "*" in entries or ("payment.*" in entries and event_type.startswith("payment."))
    }
