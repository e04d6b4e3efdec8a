"""One amount, posted as 10.1: as the row has it, as the property writes it, and as the row has it when read again."""

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
