"""Import four events in one transaction and swallow an IntegrityError in it: the last event was imported before."""

from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from webhooks.application.accept_event import _fan_out, accept_event
from webhooks.domain.event import example_event
from webhooks.models import Event

call_command("migrate", verbosity=0)
event = example_event(timezone.now())
accept_event(event, idempotency_key="seen", fingerprint="f")

stored, before, keys = 0, Event.objects.count(), ["a", "b", "c", "seen"]
with transaction.atomic():
    for key in keys:
        try:
            _fan_out(event, [], key, "f")
            stored += 1
        except IntegrityError:
            pass  # this event was imported before
print(keys, "says", stored, "stored; the table has", Event.objects.count() - before, "more")
