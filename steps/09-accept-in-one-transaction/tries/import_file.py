"""Import three events in one transaction. The second key was used before, for the same event."""

from django.core.management import call_command
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from webhooks.domain.event import example_event
from webhooks.models import Event
from webhooks.process import use_cases

call_command("migrate", verbosity=0)
event = example_event(timezone.now())
use_cases().accept_event(event, "seen", "f")
try:
    with transaction.atomic():
        for key in ("a", "seen", "b"):
            print(key, "replay" if use_cases().accept_event(event, key, "f").is_replay else "new")
except DatabaseError as error:
    print(type(error).__name__)
print(Event.objects.count(), "events")
