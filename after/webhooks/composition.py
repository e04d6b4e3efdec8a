"""The composition root: the one place that gives each port its adapter."""

from django.conf import settings
from django.db import transaction

from webhooks.adapters.clock import SystemClock
from webhooks.adapters.doorbell import CommitDoorbell
from webhooks.adapters.orm.clients import OrmClientChanges, OrmClients, OrmRecipients
from webhooks.adapters.orm.deliveries import OrmAttemptRecords, OrmDueDeliveries, OrmOutbox, OrmRetries
from webhooks.adapters.orm.events import OrmEvents
from webhooks.adapters.randomness import SystemRandomness
from webhooks.adapters.secrets import SealedSecrets
from webhooks.adapters.sender import HttpSender
from webhooks.application.composing import Ports, UseCases, compose
from webhooks.domain.formats.format import Platform


def use_cases_of_this_process() -> UseCases:
    """The use cases with Django's settings and database and this machine's clock."""
    return compose(adapters(), Platform(settings.CLOUDEVENTS_SOURCE, settings.CLOUDEVENTS_TYPE_PREFIX))


def adapters() -> Ports:
    """The adapter of each port."""
    clock = SystemClock()
    return Ports(
        attempt_records=OrmAttemptRecords(),
        client_changes=OrmClientChanges(),
        clients=OrmClients(),
        clock=clock,
        doorbell=CommitDoorbell(),
        due_deliveries=OrmDueDeliveries(),
        events=OrmEvents(),
        outbox=OrmOutbox(),
        randomness=SystemRandomness(),
        recipients=OrmRecipients(),
        retries=OrmRetries(),
        secrets=SealedSecrets(),
        sender=HttpSender(settings.ALLOWED_NETWORKS, clock),
        transaction=in_transaction,
    )


def in_transaction() -> transaction.Atomic:
    """The `Transaction` port. Without savepoints: an inner transaction is part of the outer one."""
    return transaction.atomic(savepoint=False)
