"""Gauges for operators, read from the database, so that every process gives the same values."""

from datetime import timedelta

from django.db.models import Count, Min
from django.utils import timezone

from clients.models import Client
from plumbing.metrics import Gauge

from .models import Attempt, Delivery


def counts(rows, column: str, known) -> dict[str, float]:
    """The number of rows for each value of a column; an unused value is 0, so that a graph has no gaps."""
    found = dict(rows.order_by().values_list(column).annotate(count=Count("pk")))
    return {value: found.get(value, 0) for value in known}


def gauges():
    now = timezone.now()
    yield Gauge(
        "webhooks_deliveries",
        "Deliveries by status",
        "status",
        counts(Delivery.objects, "status", Delivery.Status.values),
    )
    last_hour = Attempt.objects.filter(started_at__gt=now - timedelta(hours=1))
    outcomes = counts(last_hour, "error", (None, *Attempt.Error.values))
    outcomes = {error or "acknowledged": count for error, count in outcomes.items()}
    yield Gauge("webhooks_attempts_last_hour", "Attempts started in the last hour by outcome", "outcome", outcomes)
    waiting = Delivery.objects.due(now).filter(client__status=Client.Status.ACTIVE, client__deleted_at__isnull=True)
    oldest = waiting.aggregate(oldest=Min("next_attempt_at"))["oldest"]
    seconds = (now - oldest).total_seconds() if oldest else 0.0
    yield Gauge("webhooks_oldest_due_seconds", "How long the oldest due delivery has waited", values={"": seconds})
    statuses = counts(Client.objects.present(), "status", Client.Status.values)
    yield Gauge("webhooks_clients", "Clients by status", "status", statuses)
