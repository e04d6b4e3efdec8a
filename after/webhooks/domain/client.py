"""What a client's status is, who may change it, and what its answers do to it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .event import covered

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


@dataclass(frozen=True)
class Health:
    """Whether a client gets deliveries. `failing_since` is the first failed attempt since the last success."""

    status: ClientStatus = ClientStatus.ACTIVE
    disabled_reason: DisabledReason | None = None
    failing_since: datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.status is ClientStatus.ACTIVE

    def after_success(self) -> "Health":
        """Clears the failure clock."""
        return replace(self, failing_since=None)

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

    def asked_to_be(self, status: ClientStatus, *, by_operator: bool) -> "Health":
        """After somebody asked for a status. The one it has already changes nothing, except that an operator's
        `disabled` takes the disablement over. Enabling clears the failure clock.
        """
        if status is ClientStatus.DISABLED and (by_operator or self.is_active):
            reason = DisabledReason.OPERATOR if by_operator else DisabledReason.CLIENT
            return replace(self, status=status, disabled_reason=reason)
        if status is ClientStatus.ACTIVE and not self.is_active:
            return Health()
        return self

    def _disabled(self, reason: DisabledReason) -> "Health":
        if not self.is_active:
            return self
        return replace(self, status=ClientStatus.DISABLED, disabled_reason=reason)


# What a client key cannot do: loosen what was set for its client


def adds_event_types(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether these `event_types` cover a type that those before did not."""
    return not covered(after) <= covered(before)


def removes_masks(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether these format options show what those before masked."""
    return not set(before.get("mask", [])) <= set(after.get("mask", []))


def leaves_an_operators_disablement(status: str, reason: str | None, *, wanted: str) -> bool:
    """Whether a client of this status and reason would be enabled although an operator disabled it."""
    return (status, reason, wanted) == (ClientStatus.DISABLED, DisabledReason.OPERATOR, ClientStatus.ACTIVE)
