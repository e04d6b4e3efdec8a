"""What the server can be asked to do. Each driver imports from here, `clients/` too, and from nowhere deeper.

    from webhooks.process import use_cases

    use_cases().accept_event(event, idempotency_key, fingerprint)

`webhooks.process` has the use cases with their ports filled in.
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
from webhooks.domain.formats.registry import all_formats, format_problems

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
]
