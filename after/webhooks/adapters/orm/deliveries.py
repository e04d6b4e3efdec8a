"""Deliveries in the database: the outbox."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery

from clients.models import Client
from webhooks.domain.answers import AttemptError
from webhooks.domain.client import ClientStatus, day_of, start_of
from webhooks.domain.delivery import DeadDelivery, Held, Lease, NewDelivery, Settled, Snapshot, Status, latest_lease
from webhooks.domain.fairness import IN_FLIGHT_PER_CLIENT, Queue

from .clients import endpoint_of
from .events import customer_of
from .models import Attempt, Delivery

NOT_WAITING = {"next_attempt_at": None, "lease_token": None, "leased_until": None}
# What sending and judging takes: a third of the columns of a delivery and its event.
HELD = (
    "public_id", "client_id", "body", "content_type", "ack_rule", "mask", "attempts_this_round", "lease_token",
    "leased_until", "event__public_id", "event__customer_id", "event__customer_name", "event__customer_email",
    "event__customer_iban",
)  # fmt: skip


class KeysOf(Subquery):
    """The keys that a query finds, as one list: a statement can ask for those of many clients."""

    output_field = models.JSONField()
    template = "(SELECT jsonb_agg(found.key) FROM (%(subquery)s) found)"

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.template.replace("jsonb_agg", "json_group_array"))


def due(now: datetime, planned_by: datetime) -> QuerySet:
    """Deliveries whose time has come and that no worker holds."""
    waiting = Delivery.objects.filter(status=Status.PENDING, next_attempt_at__lte=planned_by)
    return waiting.exclude(leased_until__gt=now, leased_until__lte=latest_lease(now))


class OrmDeliveries:
    """The `Deliveries` port on Django's ORM."""

    def add(self, event: int, new: Sequence[NewDelivery]) -> None:
        Delivery.objects.bulk_create([_row(event, one) for one in new])
        if connection.vendor == "postgresql":
            # The foreign keys' locks now, not at the commit: from here on a client's delete waits for us, or we for it.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # A client that was deleted since it was read has nothing pending.
        _cancel(Delivery.objects.filter(event=event, client__deleted_at__isnull=False))

    def queues(self, now: datetime, planned_by: datetime, *, limit: int, without: Collection[int]) -> list[Queue]:
        # By time alone: after a recovery thousands have the same one, and a second column would sort them all.
        of_client = due(now, planned_by).filter(client=OuterRef("pk")).order_by("next_attempt_at")
        waiting = (
            Client.objects.present()
            .filter(status=ClientStatus.ACTIVE)
            .exclude(pk__in=without)
            .annotate(first_due=Subquery(of_client.values("next_attempt_at")[:1]))
            .filter(first_due__isnull=False)
            .annotate(due_keys=KeysOf(of_client.values(key=F("pk"))[:IN_FLIGHT_PER_CLIENT]))
            .order_by("first_due")
        )
        return [Queue(endpoint_of(client), client.due_keys) for client in waiting[:limit]]

    def lease(
        self, keys: Sequence[int], queues: Sequence[Queue], lease: Lease, now: datetime, planned_by: datetime
    ) -> list[Held]:
        endpoints = {queue.endpoint.client: queue.endpoint for queue in queues}
        rows = list(
            due(now, planned_by)
            .filter(pk__in=keys)
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("event")
            .only(*HELD)
        )
        # Still one conditional UPDATE: where there are no row locks, as on SQLite, it alone decides.
        due(now, planned_by).filter(pk__in=[row.pk for row in rows]).update(
            lease_token=lease.token, leased_until=lease.until
        )
        return [_held(row, endpoints[row.client_id], lease) for row in rows]

    def tokens(self, keys: Collection[int]) -> dict[int, str | None]:
        rows = Delivery.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
        return dict(rows.values_list("pk", "lease_token"))

    def record(self, settled: Sequence[Settled]) -> None:
        Attempt.objects.bulk_create([_attempt_row(one) for one in settled])
        delivered = [one for one in settled if one.status is Status.DELIVERED]
        if delivered:
            # All in one statement: most answers are good ones.
            keys = [one.attempt.delivery for one in delivered]
            Delivery.objects.filter(pk__in=keys, lease_token__in={one.token for one in delivered}).update(
                status=Status.DELIVERED,
                attempt_count=F("attempt_count") + 1,
                attempts_this_round=F("attempts_this_round") + 1,
                **NOT_WAITING,
            )
        for one in settled:
            if one.status is not Status.DELIVERED:
                _record_change(one)

    def failed_days(self, client: int, failing_since: datetime, before: datetime) -> set[int]:
        failed = Attempt.objects.filter(error__isnull=False, started_at__gte=start_of(1, failing_since))
        failed = failed.filter(delivery__in=Delivery.objects.filter(client=client)).exclude(
            error=AttemptError.INTERRUPTED
        )
        days, end = set(), before
        # From one day to the next earlier one: a query for each, and thousands of attempts are not read.
        while failed_at := failed.filter(started_at__lt=end).aggregate(newest=Max("started_at"))["newest"]:
            day = day_of(failed_at, failing_since)
            days.add(day)
            end = start_of(day, failing_since)
        return days

    def locked(self, id: str, *, recent_from: datetime) -> Snapshot | None:
        row = Delivery.objects.filter(public_id=id).only("pk", "client_id").first()
        if row is None:
            return None
        # The client before the delivery, as everywhere, so that it is not deleted or disabled under our feet.
        client = Client.objects.select_for_update(no_key=True).get(pk=row.client_id)
        columns = Delivery.objects.filter(pk=row.pk).select_for_update(no_key=True)
        columns = columns.annotate(
            has_body=models.ExpressionWrapper(models.Q(body__isnull=False), models.BooleanField())
        )
        recent = Attempt.objects.filter(delivery=row.pk, started_at__gt=recent_from).count()
        for status, has_body, leased_until in columns.values_list("status", "has_body", "leased_until"):
            return Snapshot(row.pk, Status(status), has_body, leased_until, client.is_active, recent)
        return None

    def make_due(self, key: int, now: datetime) -> None:
        Delivery.objects.filter(pk=key).update(next_attempt_at=now)

    def start_rounds(self, keys: Sequence[int], now: datetime) -> None:
        Delivery.objects.filter(pk__in=keys).update(**_new_round(now))

    def dead(
        self, client: int, since: datetime, until: datetime, *, behind: int, limit: int, recent_from: datetime
    ) -> list[DeadDelivery]:
        dead = Delivery.objects.filter(client=client, status=Status.DEAD, body__isnull=False, pk__gt=behind)
        dead = dead.filter(created_at__gte=since, created_at__lt=until).order_by("pk")
        recent = Attempt.objects.filter(delivery=OuterRef("pk"), started_at__gt=recent_from).order_by()
        counted = dead.annotate(recent=Subquery(recent.values("delivery").annotate(count=Count("pk")).values("count")))
        rows = counted.select_for_update(no_key=True).values_list("pk", "recent")[:limit]
        return [DeadDelivery(key, count or 0) for key, count in rows]

    def cancel_pending(self, client: int) -> int:
        return _cancel(Delivery.objects.filter(client=client))


def _cancel(deliveries: QuerySet) -> int:
    cancelled: int = deliveries.filter(status=Status.PENDING).update(status=Status.CANCELLED, **NOT_WAITING)
    return cancelled


def _new_round(now: datetime) -> dict[str, Any]:
    return NOT_WAITING | {"status": Status.PENDING, "attempts_this_round": 0, "next_attempt_at": now}


def _record_change(one: Settled) -> None:
    """What an attempt changes in its delivery, where the lease that it was made under still holds."""
    row = Delivery.objects.filter(pk=one.attempt.delivery)
    if one.status is None:
        row.update(attempt_count=F("attempt_count") + 1)
        return
    changes: dict[str, Any] = {"attempt_count": F("attempt_count") + 1, "attempts_this_round": one.failed_in_round}
    if one.status is not Status.PENDING:
        changes |= {"status": one.status, **NOT_WAITING}
    elif not one.keeps_lease:
        changes |= NOT_WAITING | {"next_attempt_at": one.next_attempt_at}
    row.filter(lease_token=one.token).update(**changes)


def _row(event: int, new: NewDelivery) -> Delivery:
    return Delivery(
        public_id=new.id,
        event_id=event,
        client_id=new.client,
        status=new.status,
        skip_reason=new.skip_reason,
        body=new.body,
        content_type=new.content_type,
        ack_rule=new.ack_rule,
        mask=list(new.mask),
        next_attempt_at=new.next_attempt_at,
        created_at=new.created_at,
    )


def _attempt_row(one: Settled) -> Attempt:
    attempt = one.attempt
    return Attempt(
        delivery_id=attempt.delivery,
        started_at=attempt.started_at,
        duration_ms=attempt.duration_ms,
        response_status=attempt.response_status,
        error=attempt.error,
        response_excerpt=attempt.response_excerpt,
    )


def _held(row: Delivery, endpoint: Any, lease: Lease) -> Held:
    return Held(
        key=row.pk,
        id=row.public_id,
        event_id=row.event.public_id,
        endpoint=endpoint,
        customer=customer_of(row.event),
        body=bytes(row.body),
        content_type=row.content_type,
        ack_rule=row.ack_rule,
        mask=row.mask,
        failed_before=row.attempts_this_round,
        lease=lease,
        lost_lease=Lease(row.lease_token, row.leased_until) if row.lease_token else None,
    )
