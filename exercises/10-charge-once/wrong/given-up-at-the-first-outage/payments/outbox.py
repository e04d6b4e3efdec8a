"""The outbox. Since some refunds were lost in March, work for a provider is first written to the database."""

import logging

from django.db import transaction
from django.utils import timezone

from .models import Outbox, Payment
from .providers import move_money

logger = logging.getLogger(__name__)


def send_due():
    """Send all due rows to their providers. A row that a crash interrupts is sent again the next time."""
    for entry in Outbox.objects.filter(sent_at=None).select_related("payment").order_by("pk"):
        try:
            status = move_money(entry.payment)
        except OSError:
            logger.warning("%s is not to be reached", entry.payment.provider)
            break  # the network is down, so the rest would fail too
        with transaction.atomic():
            Payment.objects.filter(pk=entry.payment_id).update(status=status)
            Outbox.objects.filter(pk=entry.pk).update(sent_at=timezone.now())
