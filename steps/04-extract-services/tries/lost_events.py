"""Save one event, then store three with bulk_create, and count the deliveries after each."""

from decimal import Decimal

from django.core.management import call_command
from django.utils import timezone

from clients.models import Client
from webhooks.models import Delivery, Event

call_command("migrate", verbosity=0)
Client.objects.create(
    slug="acme", name="Acme", endpoint_url="https://example.com", event_types=["*"],
    format_name="std_json", format_version=1, signing_secret="",
)  # fmt: skip


def event(key):
    return Event.posted(
        type="payment.captured", occurred_at=timezone.now(), payment_id="pay_01", amount=Decimal("10.10"), currency="USD",
        status="captured", customer_id="cus_1", customer_name="Zoë", idempotency_key=key, fingerprint="f",
    )  # fmt: skip


event("one").save()
print("save:       ", Event.objects.count(), "events", Delivery.objects.count(), "deliveries")
Event.objects.bulk_create([event(key) for key in ("two", "three", "four")])
print("bulk_create:", Event.objects.count(), "events", Delivery.objects.count(), "deliveries")
