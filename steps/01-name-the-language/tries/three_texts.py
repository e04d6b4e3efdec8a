"""Print one amount three times: from a new row, from its property, and from the row as read from the database."""

from decimal import Decimal

from django.core.management import call_command
from django.utils import timezone

from webhooks.models import Event

call_command("migrate", verbosity=0)
event = Event.posted(
    type="payment.captured", occurred_at=timezone.now(), payment_id="pay_01", amount=Decimal("10.1"), currency="USD",
    status="captured", customer_id="cus_1", customer_name="Zoë",
)  # fmt: skip
Event.objects.bulk_create([event])
print(event.amount, event.amount_text, Event.objects.get().amount)
