"""Creates a delivery of an accepted event for each subscribed client."""

from django.db import connection
from django.db.models.signals import post_save
from django.dispatch import receiver

from plumbing.logs import get_logger

from .doorbell import ring
from .models import Delivery, Event

log = get_logger(__name__)


@receiver(post_save, sender=Event)
def fan_out(sender, instance, created, **kwargs):
    """Writes the deliveries in the transaction of the event: the table is the outbox."""
    if not created:
        return
    deliveries = [Delivery.prepared(instance, client) for client in instance.recipients()]
    Delivery.objects.bulk_create(deliveries)
    if connection.vendor == "postgresql":
        # Take the foreign keys' locks now, not at the commit: from here on, a client's delete and we wait in turn.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    # A client deleted meanwhile may keep nothing pending. This query costs half as much as an UPDATE without rows.
    of_deleted = instance.deliveries.filter(client__deleted_at__isnull=False)
    if of_deleted.exists():
        of_deleted.cancel_pending()
    instance.written_deliveries = len(deliveries)
    ring()
    log.info("event_accepted", event_id=instance.public_id, type=instance.type, deliveries=len(deliveries))
