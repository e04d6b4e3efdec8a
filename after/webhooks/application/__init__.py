"""What the server can be asked to do. Whoever drives it imports from here, `clients/` too, and from nowhere deeper.

    from webhooks.application import use_cases

    use_cases().accept_event(event, idempotency_key, fingerprint)

The composition root builds the use cases once, when Django has loaded the apps.
"""

from dataclasses import dataclass

from webhooks.domain.client import (
    ClientStatus,
    DisabledReason,
    Health,
    adds_event_types,
    leaves_an_operators_disablement,
    removes_masks,
)
from webhooks.domain.delivery import CannotRetry
from webhooks.domain.event import SUBSCRIPTIONS
from webhooks.domain.formats.registry import all_formats, format_problems, format_schema

from .accept_event import Accepted, AcceptEvent, IdempotencyKeyReused, SendTestEvent
from .change_client import CancelDeliveries, ChangeClient, NewSigningSecret, RotateSecret
from .deliver_due import DeliverDue, Finished
from .preview_event import CannotRender, Preview, PreviewEvent
from .prune_events import PruneEvents
from .retry_delivery import ClientNotActive, RecoverDeliveries, RetryDelivery

__all__ = [
    "SUBSCRIPTIONS",
    "Accepted",
    "CannotRender",
    "CannotRetry",
    "ClientNotActive",
    "ClientStatus",
    "DeliverDue",
    "DisabledReason",
    "Finished",
    "Health",
    "IdempotencyKeyReused",
    "Preview",
    "UseCases",
    "adds_event_types",
    "all_formats",
    "format_problems",
    "format_schema",
    "install",
    "leaves_an_operators_disablement",
    "removes_masks",
    "use_cases",
]


@dataclass(frozen=True)
class UseCases:
    """Every use case with its ports filled in."""

    accept_event: AcceptEvent
    send_test_event: SendTestEvent
    preview_event: PreviewEvent
    deliver_due: DeliverDue
    retry_delivery: RetryDelivery
    recover_deliveries: RecoverDeliveries
    change_client: ChangeClient
    rotate_secret: RotateSecret
    new_signing_secret: NewSigningSecret
    cancel_deliveries: CancelDeliveries
    prune_events: PruneEvents


_installed: list[UseCases] = []


def install(built: UseCases) -> None:
    """Called by the composition root."""
    _installed[:] = [built]


def use_cases() -> UseCases:
    """The use cases of this process."""
    if not _installed:
        raise RuntimeError("The use cases are installed by webhooks.apps when Django starts; it has not.")
    return _installed[0]
