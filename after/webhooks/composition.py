"""The composition root: which adapter stands behind which port, all in one place."""

from django.conf import settings
from django.db import transaction

from webhooks.adapters.clock import SystemClock
from webhooks.adapters.doorbell import CommitDoorbell
from webhooks.adapters.orm.clients import OrmClients
from webhooks.adapters.orm.deliveries import OrmDeliveries
from webhooks.adapters.orm.events import OrmEvents
from webhooks.adapters.randomness import SystemRandomness
from webhooks.adapters.secrets import SealedSecrets
from webhooks.adapters.sender import HttpSender
from webhooks.application import UseCases
from webhooks.application.accept_event import AcceptEvent, FanOut, SendTestEvent
from webhooks.application.change_client import CancelDeliveries, ChangeClient, NewSigningSecret, RotateSecret
from webhooks.application.deliver_due import DeliverDue
from webhooks.application.preview_event import PreviewEvent
from webhooks.application.prune_events import PruneEvents
from webhooks.application.retry_delivery import RecoverDeliveries, RetryDelivery
from webhooks.domain.formats.format import Platform


def compose() -> UseCases:
    """The use cases on Django's settings, its database and this machine's clock."""
    clock, randomness, secrets, doorbell = SystemClock(), SystemRandomness(), SealedSecrets(), CommitDoorbell()
    events, deliveries, clients = OrmEvents(), OrmDeliveries(), OrmClients()
    sender = HttpSender(settings.ALLOWED_NETWORKS, clock)
    platform = Platform(settings.CLOUDEVENTS_SOURCE, settings.CLOUDEVENTS_TYPE_PREFIX)
    fan_out = FanOut(events, deliveries, clock, randomness, doorbell, platform)
    return UseCases(
        accept_event=AcceptEvent(events, fan_out, in_transaction, clients),
        send_test_event=SendTestEvent(fan_out, in_transaction, clients, clock),
        preview_event=PreviewEvent(clients, randomness, platform),
        deliver_due=DeliverDue(deliveries, clients, sender, in_transaction, clock, randomness),
        retry_delivery=RetryDelivery(deliveries, in_transaction, clock, doorbell),
        recover_deliveries=RecoverDeliveries(deliveries, clients, in_transaction, clock, doorbell),
        change_client=ChangeClient(clients, in_transaction),
        rotate_secret=RotateSecret(clients, secrets, in_transaction, clock),
        new_signing_secret=NewSigningSecret(secrets),
        cancel_deliveries=CancelDeliveries(deliveries),
        prune_events=PruneEvents(events, clock),
    )


def in_transaction() -> transaction.Atomic:
    """The `Transaction` port. No savepoints: one inside another is a part of it."""
    return transaction.atomic(savepoint=False)
