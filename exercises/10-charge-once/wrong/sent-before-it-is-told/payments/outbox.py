"""The outbox: since March, when refunds went missing, what a provider is to hear is first written down."""

import logging

from django.utils import timezone

from .models import Outbox, Payment
from .providers import move_money

logger = logging.getLogger(__name__)


def send_due():
    """Tells the providers what they have yet to hear. Killed between two lines, it tells it again the next time."""
    for entry in Outbox.objects.filter(sent_at=None).select_related("payment").order_by("pk"):
        Outbox.objects.filter(pk=entry.pk).update(sent_at=timezone.now())  # or a second worker would tell it, too
        try:
            status = move_money(entry.payment)
        except OSError:
            logger.warning("%s is not to be reached", entry.payment.provider)
            Outbox.objects.filter(pk=entry.pk).update(sent_at=None)
            continue
        Payment.objects.filter(pk=entry.payment_id).update(status=status)
