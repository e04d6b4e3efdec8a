"""The ports of each use case, for Django's process and for the tests of the use cases."""

from dataclasses import dataclass

from webhooks.domain.formats.format import Platform

from .accept_event import AcceptEvent, FanOut, SendTestEvent
from .change_client import CancelDeliveries, ChangeClient, NewSigningSecret, RotateSecret
from .deliver_due import DeliverDue
from .ports import (
    AttemptRecords,
    ClientChanges,
    Clients,
    Clock,
    Doorbell,
    DueDeliveries,
    Events,
    Outbox,
    Randomness,
    Recipients,
    Retries,
    Secrets,
    Sender,
    Transaction,
)
from .preview_event import PreviewEvent
from .prune_events import PruneEvents
from .retry_delivery import RecoverDeliveries, RetryDelivery


@dataclass(frozen=True)
class Ports:
    """The implementation of each port."""

    attempt_records: AttemptRecords
    client_changes: ClientChanges
    clients: Clients
    clock: Clock
    doorbell: Doorbell
    due_deliveries: DueDeliveries
    events: Events
    outbox: Outbox
    randomness: Randomness
    recipients: Recipients
    retries: Retries
    secrets: Secrets
    sender: Sender
    transaction: Transaction


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


def compose(ports: Ports, platform: Platform) -> UseCases:
    """The use cases on these ports; `platform` names the sender of events."""
    fan_out = FanOut(
        events=ports.events,
        outbox=ports.outbox,
        clock=ports.clock,
        randomness=ports.randomness,
        doorbell=ports.doorbell,
        platform=platform,
    )
    return UseCases(
        accept_event=AcceptEvent(
            events=ports.events, fan_out=fan_out, transaction=ports.transaction, recipients=ports.recipients
        ),
        send_test_event=SendTestEvent(
            fan_out=fan_out, transaction=ports.transaction, recipients=ports.recipients, clock=ports.clock
        ),
        preview_event=PreviewEvent(recipients=ports.recipients, randomness=ports.randomness, platform=platform),
        deliver_due=DeliverDue(
            due_deliveries=ports.due_deliveries,
            attempt_records=ports.attempt_records,
            clients=ports.clients,
            sender=ports.sender,
            transaction=ports.transaction,
            clock=ports.clock,
            randomness=ports.randomness,
        ),
        retry_delivery=RetryDelivery(
            retries=ports.retries, transaction=ports.transaction, clock=ports.clock, doorbell=ports.doorbell
        ),
        recover_deliveries=RecoverDeliveries(
            retries=ports.retries,
            clients=ports.clients,
            transaction=ports.transaction,
            clock=ports.clock,
            doorbell=ports.doorbell,
        ),
        change_client=ChangeClient(clients=ports.client_changes, transaction=ports.transaction),
        rotate_secret=RotateSecret(
            clients=ports.client_changes, secrets=ports.secrets, transaction=ports.transaction, clock=ports.clock
        ),
        new_signing_secret=NewSigningSecret(secrets=ports.secrets),
        cancel_deliveries=CancelDeliveries(outbox=ports.outbox),
        prune_events=PruneEvents(events=ports.events, clock=ports.clock),
    )
