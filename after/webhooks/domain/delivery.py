"""Deliveries: one event for one client, from its rendering to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never
from urllib.parse import urlsplit

from .answers import AttemptError, ClientAnswer, NoAnswer
from .event import Customer, Event
from .formats.format import Format, Platform
from .keys import ClientKey, DeliveryKey
from .retrying import RETRIES, RetryPolicy

LEASE = timedelta(seconds=90)
CLOCKS_DIFFER_BY = timedelta(seconds=5)
DAY = timedelta(days=1)
ATTEMPTS_A_DAY = 100  # with so many in the last 24 hours a delivery starts no other round


class Status(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is sent, unless somebody asks for it."""
        return self is not Status.PENDING


class CannotRetry(Exception):
    """Says in a sentence why a delivery cannot be retried."""


@dataclass(frozen=True)
class NewDelivery:
    """A delivery as it is written with its event. The body never changes again; a null one could not be rendered."""

    id: str
    client_key: ClientKey
    status: Status
    created_at: datetime
    skip_reason: str | None = None
    body: bytes | None = None
    content_type: str = ""
    ack_rule: str = "2xx"
    mask: Sequence[str] = ()
    next_attempt_at: datetime | None = None


def prepared(
    event: Event,
    chosen: Format,
    options: Mapping[str, Any],
    platform: Platform,
    *,
    id: str,
    client_key: ClientKey,
    now: datetime,
) -> NewDelivery:
    """The delivery of an event that was just accepted. Raises whatever the format's rendering raises."""
    mask = options.get("mask", [])
    reason = chosen.skip_reason(event, options)
    if reason:
        return NewDelivery(id, client_key, Status.SKIPPED, now, skip_reason=reason, mask=mask)
    return NewDelivery(
        id,
        client_key,
        Status.PENDING,
        now,
        body=chosen.render(event, options, platform),
        content_type=chosen.content_type,
        ack_rule=chosen.ack.rule,
        mask=mask,
        next_attempt_at=now,
    )


def not_rendered(*, id: str, client_key: ClientKey, now: datetime, mask: Sequence[str] = ()) -> NewDelivery:
    """The delivery that takes the place of one whose rendering failed."""
    return NewDelivery(id, client_key, Status.DEAD, now, mask=mask)


@dataclass(frozen=True)
class Lease:
    """A worker's right to send a delivery and to record what came of it."""

    token: str
    until: datetime


def latest_lease(now: datetime) -> datetime:
    """When a lease ends that is taken at this time, on the host whose clock is furthest ahead.

    A lease that ends later is none: a worker whose clock was a year ahead may be long gone.
    """
    return now + LEASE + CLOCKS_DIFFER_BY


def is_leased(until: datetime | None, now: datetime) -> bool:
    """Whether a worker holds a delivery whose lease ends then."""
    return until is not None and now < until <= latest_lease(now)


@dataclass(frozen=True)
class DueDelivery:
    """What makes a delivery due: it is pending, its time has come by `planned_by`, and no worker holds it `now`."""

    now: datetime
    planned_by: datetime
    status: Status = Status.PENDING

    @property
    def latest_lease(self) -> datetime:
        """A lease that ends later is none."""
        return latest_lease(self.now)

    def includes(self, status: Status, next_attempt_at: datetime | None, leased_until: datetime | None) -> bool:
        is_time = next_attempt_at is not None and next_attempt_at <= self.planned_by
        return status is self.status and is_time and not is_leased(leased_until, self.now)


@dataclass(frozen=True)
class Endpoint:
    """The client as a worker needs it: its key and slug, where to send and the sealed secrets that sign."""

    client_key: ClientKey
    slug: str
    url: str
    mask: Sequence[str]
    secret: str = field(repr=False)
    previous_secret: str | None = field(default=None, repr=False)
    previous_expires_at: datetime | None = None

    @property
    def host(self) -> str:
        """The URL's host, for logs: paths and queries of a webhook URL often hold a secret."""
        try:
            return urlsplit(self.url).hostname or ""
        except ValueError:
            return ""

    def secrets_at(self, now: datetime) -> list[str]:
        """The sealed secrets that sign at this time, newest first."""
        if self.previous_secret and self.previous_expires_at and now < self.previous_expires_at:
            return [self.secret, self.previous_secret]
        return [self.secret]


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery under a worker's lease, with all that it takes to send it and to judge the answer."""

    key: DeliveryKey
    id: str
    event_id: str
    endpoint: Endpoint
    customer: Customer
    body: bytes
    content_type: str
    ack_rule: str
    mask: Sequence[str]
    failed_before: int
    lease: Lease
    lost_lease: Lease | None = None
    """The lease of a worker that did not live to record its attempt."""


@dataclass(frozen=True)
class Attempt:
    """One HTTP try, as it is kept."""

    delivery_key: DeliveryKey
    started_at: datetime
    duration_ms: int
    response_status: int | None = None
    error: AttemptError | None = None
    response_excerpt: str = ""


# What an attempt makes of its delivery. `token` is the lease under which that may be written, `attempts_in_round` counts
# this attempt, too.


@dataclass(frozen=True)
class Acknowledgement:
    """The client acknowledged the event: the delivery is delivered."""

    attempt: Attempt
    token: str
    attempts_in_round: int


@dataclass(frozen=True)
class PlannedRetry:
    """The attempt failed: the delivery is pending, free for any worker, and due at that time."""

    attempt: Attempt
    token: str
    attempts_in_round: int
    next_attempt_at: datetime


@dataclass(frozen=True)
class ImmediateRetry:
    """The attempt was interrupted: the worker that has claimed the delivery keeps its lease and sends at once."""

    attempt: Attempt
    token: str
    attempts_in_round: int


@dataclass(frozen=True)
class DeadLetter:
    """The attempt was the last one of its round: the delivery is dead."""

    attempt: Attempt
    token: str
    attempts_in_round: int


@dataclass(frozen=True)
class LateAnswer:
    """The answer came after the lease was lost or the delivery cancelled: an attempt, and no change of state."""

    attempt: Attempt


AttemptOutcome = Acknowledgement | PlannedRetry | ImmediateRetry | DeadLetter | LateAnswer


def attempt_from(delivery: ClaimedDelivery, started_at: datetime, answer: ClientAnswer | NoAnswer) -> Attempt:
    """The attempt that an answer makes. Today's mask counts too: what was added to it must not be kept from now on."""
    match answer:
        case NoAnswer():
            return Attempt(delivery.key, started_at, answer.duration_ms, error=answer.failure)
        case ClientAnswer():
            return Attempt(
                delivery_key=delivery.key,
                started_at=started_at,
                duration_ms=answer.duration_ms,
                response_status=answer.status,
                error=answer.error(delivery.ack_rule),
                response_excerpt=answer.excerpt(delivery.customer, {*delivery.mask, *delivery.endpoint.mask}),
            )
        case _:
            assert_never(answer)


def outcome_of(
    delivery: ClaimedDelivery,
    attempt: Attempt,
    answer: ClientAnswer | NoAnswer,
    *,
    now: datetime,
    jitter_factor: float,
    retries: RetryPolicy = RETRIES,
) -> Acknowledgement | PlannedRetry | DeadLetter:
    """What an attempt makes of a delivery whose lease still holds."""
    attempts, token = delivery.failed_before + 1, delivery.lease.token
    if attempt.error is None:
        return Acknowledgement(attempt, token, attempts)
    if retries.is_exhausted(attempts):
        return DeadLetter(attempt, token, attempts)
    asked_for = answer.wait_asked_for(now) if isinstance(answer, ClientAnswer) else None
    return PlannedRetry(attempt, token, attempts, retries.next_attempt_at(attempts, now, jitter_factor, asked_for))


def outcome_of_interruption(
    delivery: ClaimedDelivery, lost: Lease, now: datetime, retries: RetryPolicy = RETRIES
) -> ImmediateRetry | DeadLetter:
    """What the worker that claims an expired lease records for the worker before: it counts, and is sent at once if it
    may.
    """
    attempt = Attempt(
        delivery_key=delivery.key,
        # A lease that a wrong clock set says nothing of its start: a lease's length ago, at the latest.
        started_at=min(lost.until, now) - LEASE,
        duration_ms=LEASE // timedelta(milliseconds=1),
        error=AttemptError.INTERRUPTED,
    )
    attempts, token = delivery.failed_before + 1, delivery.lease.token
    if retries.is_exhausted(attempts):
        return DeadLetter(attempt, token, attempts)
    return ImmediateRetry(attempt, token, attempts)


@dataclass(frozen=True)
class DeliveryState:
    """A delivery's state, as a decision about it needs it."""

    key: DeliveryKey
    status: Status
    is_rendered: bool
    leased_until: datetime | None
    client_is_active: bool
    recent_attempts: int
    """How many it had in the last 24 hours."""


@dataclass(frozen=True)
class DeadDelivery:
    """A dead delivery that has a body, and how many attempts it had in the last 24 hours."""

    key: DeliveryKey
    recent_attempts: int


def may_start_round(recent_attempts: int) -> bool:
    """Whether a delivery with so many attempts in the last 24 hours may start a round: retries that never end would fill
    the table.
    """
    return recent_attempts < ATTEMPTS_A_DAY


@dataclass(frozen=True)
class Recovery:
    """Which deliveries a client's recovery makes due again: the dead ones created in [since, until) that have a body."""

    client_key: ClientKey
    since: datetime
    until: datetime
    status: Status = Status.DEAD
    is_rendered: bool = True

    def includes(self, client_key: ClientKey, status: Status, created_at: datetime, *, is_rendered: bool) -> bool:
        is_its_own = client_key == self.client_key and self.since <= created_at < self.until
        return is_its_own and status is self.status and is_rendered is self.is_rendered


@dataclass(frozen=True)
class NewRound:
    """What starts eight new attempts: the delivery is pending, no worker holds it, the first attempt is due at once."""

    next_attempt_at: datetime
    status: Status = Status.PENDING
    attempts_in_round: int = 0


@dataclass(frozen=True)
class Cancellation:
    """What a client's end does to its deliveries: the pending ones are cancelled, the others keep their end."""

    of: Status = Status.PENDING
    status: Status = Status.CANCELLED


CANCELLATION = Cancellation()


class Retry(StrEnum):
    """What asking for a retry does."""

    NOTHING = "nothing"
    DUE_NOW = "due now"
    NEW_ROUND = "new round"


def retry_of(delivery: DeliveryState, now: datetime) -> Retry:
    """One that waits is due now, one that has ended starts eight new attempts, one being sent is left as it is.

    Raises CannotRetry.
    """
    if not delivery.client_is_active:
        raise CannotRetry("The client is disabled or deleted.")
    if delivery.status in (Status.SKIPPED, Status.CANCELLED):
        raise CannotRetry(f"The delivery is {delivery.status}.")
    if delivery.status is Status.PENDING:
        return Retry.NOTHING if is_leased(delivery.leased_until, now) else Retry.DUE_NOW
    if not delivery.is_rendered:
        raise CannotRetry("Nothing was rendered for this delivery.")
    if not may_start_round(delivery.recent_attempts):
        raise CannotRetry(f"The delivery had {ATTEMPTS_A_DAY} attempts in the last 24 hours. Retry it later.")
    return Retry.NEW_ROUND
