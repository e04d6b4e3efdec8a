"""Gauges for operators, read from the database, so that every process gives the same values.

They are read straight from the tables, because code that only counts needs no use case.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from clients.models import Client
from plumbing.metrics import Gauge
from webhooks.domain.answers import AttemptError
from webhooks.domain.client import ClientStatus
from webhooks.domain.delivery import DueCondition, Status

from .orm.deliveries import matching
from .orm.models import Attempt, Delivery


def counts(rows: QuerySet, column: str, known: Iterable[Any]) -> dict[str, float]:
    """The number of rows for each value of a column; an unused value is 0, so that a graph has no gaps."""
    found = dict(rows.order_by().values_list(column).annotate(count=Count("pk")))
    return {value: found.get(value, 0) for value in known}


def gauges() -> Iterator[Gauge]:
    now = timezone.now()
    yield Gauge(
        "webhooks_deliveries",
        "Deliveries by status",
        "status",
        counts(Delivery.objects, "status", [str(status) for status in Status]),
    )
    last_hour = Attempt.objects.filter(started_at__gt=now - timedelta(hours=1))
    outcomes = counts(last_hour, "error", (None, *(str(error) for error in AttemptError)))
    outcomes = {error or "acknowledged": count for error, count in outcomes.items()}
    yield Gauge("webhooks_attempts_last_hour", "Attempts started in the last hour by outcome", "outcome", outcomes)
    waiting = matching(DueCondition(now, due_by=now)).filter(
        client__status=ClientStatus.ACTIVE, client__deleted_at__isnull=True
    )
    oldest = waiting.aggregate(oldest=Min("next_attempt_at"))["oldest"]
    seconds = (now - oldest).total_seconds() if oldest else 0.0
    yield Gauge("webhooks_oldest_due_seconds", "How long the oldest due delivery has waited", values={"": seconds})
    statuses = counts(Client.objects.present(), "status", [str(status) for status in ClientStatus])
    yield Gauge("webhooks_clients", "Clients by status", "status", statuses)
