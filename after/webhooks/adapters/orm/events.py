"""Events in the database."""

from datetime import datetime

from django.db import IntegrityError, transaction

from webhooks.application.ports import IdempotencyKeyTaken
from webhooks.domain.delivery import Status
from webhooks.domain.event import AcceptedEvent, Customer, Event, EventType, Failure
from webhooks.domain.keys import EventKey
from webhooks.domain.money import Money

from . import models

PRUNED_AT_ONCE = 1000


class OrmEvents:
    """The `Events` port on Django's ORM."""

    def add(self, event: Event, *, now: datetime, idempotency_key: str | None, fingerprint: str | None) -> EventKey:
        row = models.Event(
            **columns_of(event), created_at=now, idempotency_key=idempotency_key, fingerprint=fingerprint
        )
        try:
            row.save(force_insert=True)
        except IntegrityError as error:
            if is_about_idempotency_key(error):
                raise IdempotencyKeyTaken from error
            raise
        key: EventKey = row.pk
        return key

    def accepted_under(self, idempotency_key: str) -> AcceptedEvent | None:
        row = models.Event.objects.filter(idempotency_key=idempotency_key).first()
        return row and AcceptedEvent(row.public_id, row.fingerprint, row.deliveries.count())

    def prune(self, before: datetime) -> int:
        """Works in batches, each with its own commit."""
        pruned = 0
        ended = models.Event.objects.filter(created_at__lt=before).exclude(deliveries__status=Status.PENDING)
        while keys := list(ended.order_by("pk").values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
            with transaction.atomic():
                # Check again: a retry may have come in between. The lock now prevents one until the commit.
                rows = models.Delivery.objects.filter(event__in=keys).order_by("pk").select_for_update()
                kept = {row.event_id for row in rows.only("event_id", "status") if not Status(row.status).has_ended}
                keys = [key for key in keys if key not in kept]
                models.Event.objects.filter(pk__in=keys).delete()
            pruned += len(keys)
        return pruned


def is_about_idempotency_key(error: IntegrityError) -> bool:
    """Whether the unique constraint of the idempotency key refused a row, not another constraint."""
    refusal = error.__cause__
    diagnosis = getattr(refusal, "diag", None)  # psycopg names the constraint; SQLite says table and column
    if diagnosis is None:
        return str(refusal) == "UNIQUE constraint failed: webhooks_event.idempotency_key"
    return "idempotency_key" in (diagnosis.constraint_name or "")


def columns_of(event: Event) -> dict[str, object]:
    """An event's columns."""
    return {
        "public_id": event.id,
        "type": str(event.type),
        "occurred_at": event.occurred_at,
        "payment_id": event.payment_id,
        "amount": event.money.amount,
        "currency": event.money.currency,
        "status": event.status,
        "customer_id": event.customer.id,
        "customer_name": event.customer.name,
        "customer_email": event.customer.email,
        "customer_iban": event.customer.iban,
        "reference": event.reference,
        "failure_code": event.failure and event.failure.code,
        "failure_message": event.failure and event.failure.message,
    }


def event_of(row: models.Event) -> Event:
    """The event in a row."""
    return Event(
        id=row.public_id,
        type=EventType(row.type),
        occurred_at=row.occurred_at,
        payment_id=row.payment_id,
        money=Money(row.amount, row.currency),
        status=row.status,
        customer=customer_of(row),
        reference=row.reference,
        failure=None if row.failure_code is None else Failure(row.failure_code, row.failure_message),
    )


def customer_of(row: models.Event) -> Customer:
    return Customer(row.customer_id, row.customer_name, row.customer_email, row.customer_iban)
