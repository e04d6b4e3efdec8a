"""Events: what happened to a payment, and who subscribes to which types of them."""

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
"""What an entry of a client's `event_types` may be."""


def covered(entries: Iterable[str]) -> set[EventType]:
    """The types that a client's `event_types` stand for. Entries are compared, never compiled."""
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
    """Something that happened to a payment, as the platform posts it: it gets its id when it is accepted."""

    type: EventType
    occurred_at: datetime
    payment_id: str
    money: Money
    status: str
    customer: Customer
    reference: str | None
    failure: Failure | None

    def with_id(self, id: str) -> "Event":
        """The event that is accepted under this id."""
        return Event(**{member.name: getattr(self, member.name) for member in fields(PostedEvent)}, id=id)


@dataclass(frozen=True)
class Event(PostedEvent):
    """A posted event with its id."""

    id: str


class IdempotencyKeyReused(Exception):
    """The idempotency key was used with another body."""


@dataclass(frozen=True)
class AcceptedEvent:
    """The event that was accepted under an idempotency key: its id, its body's fingerprint, how many deliveries it has."""

    id: str
    fingerprint: str
    deliveries: int

    def check_replay(self, fingerprint: str) -> None:
        """The same key with the same body is the same event. Raises IdempotencyKeyReused for another body."""
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
