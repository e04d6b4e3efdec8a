"""A client's status: who may change it, and how the client's answers change it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .answers import GONE, AttemptError
from .event import EventType, covered

DAY = timedelta(days=1)
FAILING_FOR = 5 * DAY
FAILED_DAYS = 4  # days with failures before a client is disabled: two bad hours five days apart are not enough


def day_of(moment: datetime, failing_since: datetime) -> int:
    """The day of a moment since the first failure: the first day is 0, and each has 24 hours."""
    return (moment - failing_since) // DAY


def start_of(day: int, failing_since: datetime) -> datetime:
    """The begin of a day since the first failure."""
    return failing_since + day * DAY


class ClientStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    OPERATOR = "operator"
    CLIENT = "client"
    GONE = "gone"
    FAILING = "failing"


def takes_deliveries(status: ClientStatus, *, is_deleted: bool) -> bool:
    """Whether deliveries to a client with this status are sent; other clients' deliveries stay pending."""
    return status is ClientStatus.ACTIVE and not is_deleted


class Role(StrEnum):
    """The kind of key: an operator may do everything, a client may change only itself and loosen nothing."""

    OPERATOR = "operator"
    CLIENT = "client"


@dataclass(frozen=True)
class Health:
    """Whether a client gets deliveries. `failing_since` is the first failed attempt since the last success."""

    status: ClientStatus = ClientStatus.ACTIVE
    disabled_reason: DisabledReason | None = None
    failing_since: datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.status is ClientStatus.ACTIVE

    @property
    def is_disabled_by_operator(self) -> bool:
        return not self.is_active and self.disabled_reason is DisabledReason.OPERATOR

    def after_success(self) -> "Health":
        """Clears the failure clock."""
        return replace(self, failing_since=None)

    def after_attempt(
        self, error: AttemptError | None, response_status: int | None, now: datetime, failed_days: Collection[int] = ()
    ) -> "Health":
        """The health after an attempt. An interrupted attempt is our fault, so it changes nothing."""
        if error is None:
            return self.after_success()
        if error is AttemptError.INTERRUPTED:
            return self
        return self.after_failure(now, gone=response_status == GONE, failed_days=failed_days)

    def has_failed_for_long(self, now: datetime) -> bool:
        """Whether the first failure since the last success is five days old: then the days with failures decide."""
        return self.failing_since is not None and now - self.failing_since >= FAILING_FOR

    def after_failure(self, now: datetime, *, gone: bool, failed_days: Collection[int] = ()) -> "Health":
        """Starts the failure clock, or disables the client: at once if it is gone, else after five days, if attempts
        failed on four of them.

        `failed_days` are the days of earlier failed attempts, as day_of numbers them.
        """
        if gone:
            return self._disabled(DisabledReason.GONE)
        if self.failing_since is None:
            return replace(self, failing_since=now)
        failed_on = {0, *failed_days, day_of(now, self.failing_since)}
        if self.has_failed_for_long(now) and len(failed_on) >= FAILED_DAYS:
            return self._disabled(DisabledReason.FAILING)
        return self

    def after_change_to(self, status: ClientStatus, asked_by: Role) -> "Health":
        """The health after a request for a status. The present status changes nothing, except that an operator's
        `disabled` makes the reason `operator`. Enabling clears the failure clock.
        """
        if status is ClientStatus.DISABLED and (asked_by is Role.OPERATOR or self.is_active):
            reason = DisabledReason.OPERATOR if asked_by is Role.OPERATOR else DisabledReason.CLIENT
            return replace(self, status=status, disabled_reason=reason)
        if status is ClientStatus.ACTIVE and not self.is_active:
            return Health()
        return self

    def _disabled(self, reason: DisabledReason) -> "Health":
        if not self.is_active:
            return self
        return replace(self, status=ClientStatus.DISABLED, disabled_reason=reason)


@dataclass(frozen=True)
class PinnedFormat:
    """The format version that a client pins, with its options."""

    name: str
    version: int
    options: Mapping[str, Any]

    @property
    def mask(self) -> frozenset[str]:
        """The customer's fields that the client must not see."""
        return frozenset(self.options.get("mask", ()))


@dataclass(frozen=True)
class ClientChange:
    """A requested change of a client: None keeps a member, and the format is replaced whole."""

    name: str | None = None
    endpoint_url: str | None = None
    event_types: tuple[str, ...] | None = None
    format: PinnedFormat | None = None
    status: ClientStatus | None = None


@dataclass(frozen=True)
class AddsEventTypes:
    """A change that would send these new types, which `event_types` did not cover before."""

    added: frozenset[EventType]


@dataclass(frozen=True)
class RemovesMaskEntries:
    """A change that would show these fields, which were masked before."""

    removed: frozenset[str]


@dataclass(frozen=True)
class EndsOperatorsDisablement:
    """A change that would enable a client that an operator disabled."""


Loosening = AddsEventTypes | RemovesMaskEntries | EndsOperatorsDisablement


class ClientCannotLoosen(Exception):
    """A client key asked to loosen its client's settings. `loosenings` lists each of these changes."""

    def __init__(self, loosenings: Sequence[Loosening]) -> None:
        super().__init__(loosenings)
        self.loosenings = loosenings


@dataclass(frozen=True)
class ClientSettings:
    """The settings of a client that a decision about a change needs."""

    event_types: tuple[str, ...]
    mask: frozenset[str]
    health: Health

    def loosened_by(self, change: ClientChange, asked_by: Role) -> list[Loosening]:
        """The settings that a client key's change would loosen. An operator may loosen everything."""
        if asked_by is Role.OPERATOR:
            return []
        loosenings: list[Loosening] = []
        if change.event_types is not None:
            added = covered(change.event_types) - covered(self.event_types)
            if added:
                loosenings.append(AddsEventTypes(frozenset(added)))
        if change.format is not None:
            removed = self.mask - change.format.mask
            if removed:
                loosenings.append(RemovesMaskEntries(removed))
        if change.status is ClientStatus.ACTIVE and self.health.is_disabled_by_operator:
            loosenings.append(EndsOperatorsDisablement())
        return loosenings

    def health_after(self, change: ClientChange, asked_by: Role) -> Health:
        """The client's health after a change. Raises ClientCannotLoosen; then no part of the change may be written."""
        if loosenings := self.loosened_by(change, asked_by):
            raise ClientCannotLoosen(loosenings)
        return self.health if change.status is None else self.health.after_change_to(change.status, asked_by)
