"""What a client's status is, who may change it, and what its answers do to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .answers import GONE, AttemptError
from .event import EventType, covered

DAY = timedelta(days=1)
FAILING_FOR = 5 * DAY
FAILED_DAYS = 4  # of a client that is disabled: two bad hours five days apart are not five bad days


def day_of(moment: datetime, failing_since: datetime) -> int:
    """On which day since the first failure a moment is: 0 is the first one, and each has 24 hours."""
    return (moment - failing_since) // DAY


def start_of(day: int, failing_since: datetime) -> datetime:
    """When a day since the first failure begins."""
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
    """Whether deliveries to a client of this status are sent; those of the others wait."""
    return status is ClientStatus.ACTIVE and not is_deleted


class Role(StrEnum):
    """Whose key asks: an operator's may do everything, a client's may change its own client and loosen nothing."""

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
        """After an attempt to deliver. An interrupted one is our fault, not the client's: it changes nothing."""
        if error is None:
            return self.after_success()
        if error is AttemptError.INTERRUPTED:
            return self
        return self.after_failure(now, gone=response_status == GONE, failed_days=failed_days)

    def has_failed_for_long(self, now: datetime) -> bool:
        """Whether the first failure since the last success is five days ago: then the days of the failures decide."""
        return self.failing_since is not None and now - self.failing_since >= FAILING_FOR

    def after_failure(self, now: datetime, *, gone: bool, failed_days: Collection[int] = ()) -> "Health":
        """Starts the failure clock, or disables the client: at once where it is gone, else after five days, on four of
        which attempts failed.

        `failed_days` are those of the attempts that failed before, as day_of numbers them.
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
        """After somebody asked for a status. The one it has already changes nothing, except that an operator's
        `disabled` takes the disablement over. Enabling clears the failure clock.
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
    """What somebody asks to change of a client: None leaves a member as it is, and the format is replaced whole."""

    name: str | None = None
    endpoint_url: str | None = None
    event_types: tuple[str, ...] | None = None
    format: PinnedFormat | None = None
    status: ClientStatus | None = None


@dataclass(frozen=True)
class AddsEventTypes:
    """A change would send these types to the client, and its `event_types` did not cover them before."""

    added: frozenset[EventType]


@dataclass(frozen=True)
class RemovesMaskEntries:
    """A change would show these fields to the client, and they were masked before."""

    removed: frozenset[str]


@dataclass(frozen=True)
class EndsOperatorsDisablement:
    """A change would enable the client although an operator disabled it."""


Loosening = AddsEventTypes | RemovesMaskEntries | EndsOperatorsDisablement


class ClientCannotLoosen(Exception):
    """A client key asked for a change that loosens what was set for its client. `loosenings` has each one."""

    def __init__(self, loosenings: Sequence[Loosening]) -> None:
        super().__init__(loosenings)
        self.loosenings = loosenings


@dataclass(frozen=True)
class ClientSettings:
    """What was set for a client, as a decision about a change needs it."""

    event_types: tuple[str, ...]
    mask: frozenset[str]
    health: Health

    def loosened_by(self, change: ClientChange, asked_by: Role) -> list[Loosening]:
        """What a change would loosen although a client key asks for it. An operator may loosen everything."""
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
        """The client's health after a change. Raises ClientCannotLoosen, and then nothing of the change may be written."""
        if loosenings := self.loosened_by(change, asked_by):
            raise ClientCannotLoosen(loosenings)
        return self.health if change.status is None else self.health.after_change_to(change.status, asked_by)
