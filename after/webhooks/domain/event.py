"""Events: what happened to a payment, and which types a client subscribes to."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .money import Money


class EventType(StrEnum):
    PAYMENT_AUTHORIZED = "payment.authorized"
    PAYMENT_CAPTURED = "payment.captured"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_REFUNDED = "payment.refunded"
    PAYOUT_PAID = "payout.paid"


SUBSCRIPTIONS: tuple[str, ...] = (*EventType, "payment.*", "*")
"""The allowed entries of a client's `event_types`."""


def covered(entries: Iterable[str]) -> set[EventType]:
    """The types that a client's `event_types` include. Entries are compared, never compiled."""
    entries = set(entries)
    return {
        event_type
        for event_type in EventType
        if event_type in entries or "*" in entries or ("payment.*" in entries and event_type.startswith("payment."))
    }


@dataclass(frozen=True)
class Customer:
    id: str
    name: str
    email: str | None
    iban: str | None


@dataclass(frozen=True)
class Failure:
    code: str
    message: str


@dataclass(frozen=True)
class PostedEvent:
    """An event of a payment, as the platform posts it. It gets its id when it is accepted."""

    type: EventType
    occurred_at: datetime
    payment_id: str
    money: Money
    status: str
    customer: Customer
    reference: str | None
    failure: Failure | None

    def with_id(self, id: str) -> "Event":
        """The accepted event with this id."""
        return Event(**{member.name: getattr(self, member.name) for member in fields(PostedEvent)}, id=id)


@dataclass(frozen=True)
class Event(PostedEvent):
    """A posted event with its id."""

    id: str


class IdempotencyKeyReused(Exception):
    """The idempotency key was used with another body."""


@dataclass(frozen=True)
class AcceptedEvent:
    """The event accepted under an idempotency key: its id, the fingerprint of its body, its number of deliveries."""

    id: str
    fingerprint: str
    deliveries: int

    def check_replay(self, fingerprint: str) -> None:
        """Checks that the same key comes with the same body. Raises IdempotencyKeyReused for another body."""
        if fingerprint != self.fingerprint:
            raise IdempotencyKeyReused


def example_event(now: datetime) -> PostedEvent:
    """The event that a client's test call sends."""
    return PostedEvent(
        type=EventType.PAYMENT_CAPTURED,
        occurred_at=now,
        payment_id="pay_01",
        money=Money(Decimal("10.10"), "USD"),
        status="captured",
        customer=Customer("cus_1", "Zoë Müller", "zoe@example.com", "DE89370400440532013000"),
        reference=None,
        failure=None,
    )
