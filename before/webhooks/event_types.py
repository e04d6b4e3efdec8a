"""The types of events, and what a client may subscribe to."""

EVENT_TYPES = ("payment.authorized", "payment.captured", "payment.failed", "payment.refunded", "payout.paid")
SUBSCRIPTIONS = (*EVENT_TYPES, "payment.*", "*")
