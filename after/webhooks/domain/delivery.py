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
ATTEMPTS_A_DAY = 100  # with this number in the last 24 hours, a delivery starts no new round


class Status(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is sent, unless a retry is requested."""
        return self is not Status.PENDING


class CannotRetry(Exception):
    """The delivery cannot be retried. The message is a sentence that gives the reason."""


@dataclass(frozen=True)
class NewDelivery:
    """A delivery as stored with its event. The body never changes; it is null if it could not be rendered."""

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
    """The delivery of a newly accepted event. Raises any error of the format's rendering."""
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
    """The dead delivery that is stored if rendering failed."""
    return NewDelivery(id, client_key, Status.DEAD, now, mask=mask)


@dataclass(frozen=True)
class Lease:
    """A worker's right to send a delivery and to record the outcome."""

    token: str
    until: datetime


def latest_lease(now: datetime) -> datetime:
    """The latest possible end of a lease taken at this time, on the host whose clock is furthest ahead.

    A lease with a later end is invalid: a worker whose clock was a year ahead may no longer exist.
    """
    return now + LEASE + CLOCKS_DIFFER_BY


def is_leased(until: datetime | None, now: datetime) -> bool:
    """Whether a worker holds a delivery with this end of its lease."""
    return until is not None and now < until <= latest_lease(now)


@dataclass(frozen=True)
class DueCondition:
    """The condition for a due delivery: pending, planned by `due_by`, and held by no worker `now`."""

    now: datetime
    due_by: datetime
    status: Status = Status.PENDING

    @property
    def latest_lease(self) -> datetime:
        """A lease with a later end is invalid."""
        return latest_lease(self.now)

    def includes(self, status: Status, next_attempt_at: datetime | None, leased_until: datetime | None) -> bool:
        is_time = next_attempt_at is not None and next_attempt_at <= self.due_by
        return status is self.status and is_time and not is_leased(leased_until, self.now)


@dataclass(frozen=True)
class Endpoint:
    """The client as a worker needs it: its key and slug, its URL, and the sealed secrets that sign."""

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
    """A delivery under a worker's lease, with everything for sending it and for judging the answer."""

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
    """The lease of a worker that died before it recorded its attempt."""


@dataclass(frozen=True)
class Attempt:
    """One try, as it is stored. An interrupted one may have sent nothing."""

    delivery_key: DeliveryKey
    started_at: datetime
    duration_ms: int
    response_status: int | None = None
    error: AttemptError | None = None
    response_excerpt: str = ""


# The possible outcomes of an attempt for its delivery. `token` is the lease under which the outcome may be written,
# `attempts_in_round` includes this attempt.


@dataclass(frozen=True)
class Acknowledgement:
    """The client acknowledged the event: the delivery is delivered."""

    attempt: Attempt
    token: str
    attempts_in_round: int


@dataclass(frozen=True)
class PlannedRetry:
    """The attempt failed: the delivery is pending without a lease, and due at the given time."""

    attempt: Attempt
    token: str
    attempts_in_round: int
    next_attempt_at: datetime


@dataclass(frozen=True)
class ImmediateRetry:
    """The attempt was interrupted: the worker that now holds the lease keeps it and sends at once."""

    attempt: Attempt
    token: str
    attempts_in_round: int


@dataclass(frozen=True)
class DeadLetter:
    """The attempt was the last of its round: the delivery is dead."""

    attempt: Attempt
    token: str
    attempts_in_round: int


@dataclass(frozen=True)
class LateAnswer:
    """The answer came after the lease was lost or the delivery cancelled: the attempt is stored and counted, the status stays."""

    attempt: Attempt


AttemptOutcome = Acknowledgement | PlannedRetry | ImmediateRetry | DeadLetter | LateAnswer


def attempt_from(delivery: ClaimedDelivery, started_at: datetime, answer: ClientAnswer | NoAnswer) -> Attempt:
    """The attempt for an answer. The client's present mask applies too, so that newly masked fields are not stored."""
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
    """The outcome of an attempt for a delivery whose lease is still valid."""
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
    """The outcome that a worker records when it claims an expired lease: the earlier attempt counts, and the delivery
    is sent at once if attempts are left.
    """
    attempt = Attempt(
        delivery_key=delivery.key,
        # If a wrong clock set the lease, its start is unknown, but it is at least a lease's length ago.
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
    """The state of a delivery that a decision needs."""

    key: DeliveryKey
    status: Status
    is_rendered: bool
    leased_until: datetime | None
    client_is_active: bool
    recent_attempts: int
    """The number of attempts in the last 24 hours."""


@dataclass(frozen=True)
class DeadDelivery:
    """A dead delivery with a body, and the number of its attempts in the last 24 hours."""

    key: DeliveryKey
    recent_attempts: int


def may_start_round(recent_attempts: int) -> bool:
    """Whether a delivery with this number of attempts in the last 24 hours may start a round: endless retries would
    fill the table.
    """
    return recent_attempts < ATTEMPTS_A_DAY


@dataclass(frozen=True)
class Recovery:
    """The deliveries that a recovery makes due again: dead, created in [since, until), and with a body."""

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
    """The state before eight new attempts: pending, held by no worker, the first attempt due at once."""

    next_attempt_at: datetime
    status: Status = Status.PENDING
    attempts_in_round: int = 0


@dataclass(frozen=True)
class Cancellation:
    """The effect of a client's delete on its deliveries: pending ones are cancelled, the others keep their status."""

    of: Status = Status.PENDING
    status: Status = Status.CANCELLED


CANCELLATION = Cancellation()


class Retry(StrEnum):
    """The effects of a retry on request."""

    NOTHING = "nothing"
    DUE_NOW = "due now"
    NEW_ROUND = "new round"


def retry_of(delivery: DeliveryState, now: datetime) -> Retry:
    """A pending delivery is due now, an ended one starts eight new attempts, one in flight does not change.

    Raises CannotRetry.
    """
    if not delivery.client_is_active:
        raise CannotRetry("The client is disabled or deleted.")
    if delivery.status in (Status.SKIPPED, Status.CANCELLED):
        raise CannotRetry(f"The delivery is {delivery.status}.")
    if delivery.status is Status.PENDING:
        return Retry.NOTHING if is_leased(delivery.leased_until, now) else Retry.DUE_NOW
    if not delivery.is_rendered:
        raise CannotRetry("The delivery has no body, because rendering failed.")
    if not may_start_round(delivery.recent_attempts):
        raise CannotRetry(f"The delivery had {ATTEMPTS_A_DAY} attempts in the last 24 hours. Retry it later.")
    return Retry.NEW_ROUND
