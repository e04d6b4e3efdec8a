"""What the server can be asked to do. Whoever drives it imports from here, `clients/` too, and from nowhere deeper.

    from webhooks.application import use_cases

    use_cases().accept_event(event, idempotency_key, fingerprint)

The composition root builds the use cases once, when Django has loaded the apps.
"""

from webhooks.domain.client import (
    AddsEventTypes,
    ClientCannotLoosen,
    ClientChange,
    ClientSettings,
    ClientStatus,
    DisabledReason,
    EndsOperatorsDisablement,
    Health,
    Loosening,
    PinnedFormat,
    RemovesMaskEntries,
    Role,
)
from webhooks.domain.delivery import CannotRetry
from webhooks.domain.event import SUBSCRIPTIONS, IdempotencyKeyReused
from webhooks.domain.formats.registry import all_formats, format_problems, format_schema

from .accept_event import Acceptance
from .composing import UseCases
from .deliver_due import DeliverDue, FinishedAttempt
from .ports import NoSuchClient
from .preview_event import CannotRender, Preview
from .retry_delivery import ClientNotActive

__all__ = [
    "SUBSCRIPTIONS",
    "Acceptance",
    "AddsEventTypes",
    "CannotRender",
    "CannotRetry",
    "ClientCannotLoosen",
    "ClientChange",
    "ClientNotActive",
    "ClientSettings",
    "ClientStatus",
    "DeliverDue",
    "DisabledReason",
    "EndsOperatorsDisablement",
    "FinishedAttempt",
    "Health",
    "IdempotencyKeyReused",
    "Loosening",
    "NoSuchClient",
    "PinnedFormat",
    "Preview",
    "RemovesMaskEntries",
    "Role",
    "UseCases",
    "all_formats",
    "format_problems",
    "format_schema",
    "install",
    "use_cases",
]


_installed: list[UseCases] = []


def install(built: UseCases) -> None:
    """Called by the composition root."""
    _installed[:] = [built]


def use_cases() -> UseCases:
    """The use cases of this process."""
    if not _installed:
        raise RuntimeError("The use cases are installed by webhooks.apps when Django starts; it has not.")
    return _installed[0]
