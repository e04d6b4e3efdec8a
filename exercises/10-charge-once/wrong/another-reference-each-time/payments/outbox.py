"""The outbox: since March, when refunds went missing, what a provider is to hear is first written down."""

import logging

from django.db import transaction
from django.utils import timezone

from .models import Outbox, Payment, new_reference
from .providers import move_money

logger = logging.getLogger(__name__)


def send_due():
    """Tells the providers what they have yet to hear. Killed between two lines, it tells it again the next time."""
    for entry in Outbox.objects.filter(sent_at=None).select_related("payment").order_by("pk"):
        try:
            entry.payment.reference = new_reference()  # each call is one of its own
            status = move_money(entry.payment)
        except OSError:
            logger.warning("%s is not to be reached", entry.payment.provider)
            continue
        with transaction.atomic():
            Payment.objects.filter(pk=entry.payment_id).update(status=status)
            Outbox.objects.filter(pk=entry.pk).update(sent_at=timezone.now())
