"""Deliveries in the database: the outbox."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, assert_never

from django.db import connection, models
from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery

from clients.models import Client
from webhooks.application.ports import NoSuchDelivery
from webhooks.domain.answers import AttemptError
from webhooks.domain.client import ClientStatus, day_of, start_of
from webhooks.domain.delivery import (
    Acknowledgement,
    AttemptOutcome,
    Cancellation,
    ClaimedDelivery,
    DeadDelivery,
    DeadLetter,
    DeliveryState,
    DueCondition,
    ImmediateRetry,
    LateAnswer,
    Lease,
    NewDelivery,
    NewRound,
    PlannedRetry,
    Recovery,
    Status,
)
from webhooks.domain.delivery import Attempt as AttemptValue
from webhooks.domain.fairness import IN_FLIGHT_PER_CLIENT, ClientQueue
from webhooks.domain.keys import ClientKey, DeliveryKey, EventKey

from .clients import endpoint_of
from .events import customer_of
from .models import Attempt, Delivery

NOT_WAITING = {"next_attempt_at": None, "lease_token": None, "leased_until": None}
# The columns for sending and for judging the answer: a third of those of a delivery and its event.
CLAIMED_COLUMNS = (
    "public_id", "client_id", "body", "content_type", "ack_rule", "mask", "attempts_this_round", "lease_token",
    "leased_until", "event__public_id", "event__customer_id", "event__customer_name", "event__customer_email",
    "event__customer_iban",
)  # fmt: skip


class KeyList(Subquery):
    """The keys that a query finds, as one list, so that one statement can fetch those of many clients."""

    output_field = models.JSONField()
    template = "(SELECT jsonb_agg(found.key) FROM (%(subquery)s) found)"

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.template.replace("jsonb_agg", "json_group_array"))


def matching(due: DueCondition) -> QuerySet:
    """The deliveries that are due."""
    waiting = Delivery.objects.filter(status=due.status, next_attempt_at__lte=due.due_by)
    return waiting.exclude(leased_until__gt=due.now, leased_until__lte=due.latest_lease)


class OrmOutbox:
    """The `Outbox` port on Django's ORM."""

    def add(self, event_key: EventKey, new: Sequence[NewDelivery], cancellation: Cancellation) -> None:
        Delivery.objects.bulk_create([_row(event_key, delivery) for delivery in new])
        if connection.vendor == "postgresql":
            # Take the foreign keys' locks now, not at the commit: from here on, a client's delete and we wait in turn.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # A client deleted meanwhile may keep nothing pending. This query costs half as much as an UPDATE without rows.
        of_deleted = Delivery.objects.filter(event=event_key, client__deleted_at__isnull=False)
        if of_deleted.exists():
            _cancel(of_deleted, cancellation)

    def cancel(self, client_key: ClientKey, cancellation: Cancellation) -> int:
        return _cancel(Delivery.objects.filter(client=client_key), cancellation)


class OrmDueDeliveries:
    """The `DueDeliveries` port on Django's ORM."""

    def queues(self, due: DueCondition, *, limit: int, without: Collection[ClientKey]) -> list[ClientQueue]:
        # By time only: after a recovery thousands have the same time, and a second column would need a sort of all.
        of_client = matching(due).filter(client=OuterRef("pk")).order_by("next_attempt_at")
        waiting = (
            Client.objects.present()
            .filter(status=ClientStatus.ACTIVE)
            .exclude(pk__in=without)
            .annotate(first_due=Subquery(of_client.values("next_attempt_at")[:1]))
            .filter(first_due__isnull=False)
            .annotate(due_keys=KeyList(of_client.values(key=F("pk"))[:IN_FLIGHT_PER_CLIENT]))
            .order_by("first_due")
        )
        return [ClientQueue(endpoint_of(client), client.due_keys) for client in waiting[:limit]]

    def lease(
        self, keys: Sequence[DeliveryKey], queues: Sequence[ClientQueue], lease: Lease, due: DueCondition
    ) -> list[ClaimedDelivery]:
        endpoints = {queue.endpoint.client_key: queue.endpoint for queue in queues}
        rows = list(
            matching(due)
            .filter(pk__in=keys)
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("event")
            .only(*CLAIMED_COLUMNS)
        )
        # Still one conditional UPDATE: SQLite has no row locks, so there only the UPDATE decides.
        matching(due).filter(pk__in=[row.pk for row in rows]).update(lease_token=lease.token, leased_until=lease.until)
        return [_claimed_delivery(row, endpoints[row.client_id], lease) for row in rows]


class OrmAttemptRecords:
    """The `AttemptRecords` port on Django's ORM."""

    def lock_tokens(self, keys: Collection[DeliveryKey]) -> dict[DeliveryKey, str | None]:
        rows = Delivery.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
        return dict(rows.values_list("pk", "lease_token"))

    def record(self, outcomes: Sequence[AttemptOutcome]) -> None:
        Attempt.objects.bulk_create([_attempt_row(outcome.attempt) for outcome in outcomes])
        acknowledged = [outcome for outcome in outcomes if isinstance(outcome, Acknowledgement)]
        if acknowledged:
            # All in one statement, because most answers are acknowledgements.
            keys = [outcome.attempt.delivery_key for outcome in acknowledged]
            tokens = {outcome.token for outcome in acknowledged}
            Delivery.objects.filter(pk__in=keys, lease_token__in=tokens).update(
                status=Status.DELIVERED,
                attempt_count=F("attempt_count") + 1,
                attempts_this_round=F("attempts_this_round") + 1,
                **NOT_WAITING,
            )
        for outcome in outcomes:
            if not isinstance(outcome, Acknowledgement):
                _record_change(outcome)

    def failed_days(self, client_key: ClientKey, failing_since: datetime, before: datetime) -> set[int]:
        failed = Attempt.objects.filter(error__isnull=False, started_at__gte=start_of(1, failing_since))
        failed = failed.filter(delivery__in=Delivery.objects.filter(client=client_key)).exclude(
            error=AttemptError.INTERRUPTED
        )
        days, end = set(), before
        # One query for each day, backwards, instead of a query that reads thousands of attempts.
        while failed_at := failed.filter(started_at__lt=end).aggregate(newest=Max("started_at"))["newest"]:
            day = day_of(failed_at, failing_since)
            days.add(day)
            end = start_of(day, failing_since)
        return days


class OrmRetries:
    """The `Retries` port on Django's ORM."""

    def lock(self, id: str, *, recent_from: datetime) -> DeliveryState:
        row = Delivery.objects.filter(public_id=id).only("pk", "client_id").first()
        if row is None:
            raise NoSuchDelivery
        # Lock the client before the delivery, as everywhere, so that nobody deletes or disables it meanwhile.
        client = Client.objects.select_for_update(no_key=True).get(pk=row.client_id)
        columns = Delivery.objects.filter(pk=row.pk).select_for_update(no_key=True)
        columns = columns.annotate(
            has_body=models.ExpressionWrapper(models.Q(body__isnull=False), models.BooleanField())
        )
        recent = Attempt.objects.filter(delivery=row.pk, started_at__gt=recent_from).count()
        for status, has_body, leased_until in columns.values_list("status", "has_body", "leased_until"):
            return DeliveryState(row.pk, Status(status), has_body, leased_until, client.is_active, recent)
        raise NoSuchDelivery

    def make_due(self, key: DeliveryKey, next_attempt_at: datetime) -> None:
        Delivery.objects.filter(pk=key).update(next_attempt_at=next_attempt_at)

    def start_rounds(self, keys: Sequence[DeliveryKey], new_round: NewRound) -> None:
        Delivery.objects.filter(pk__in=keys).update(
            status=new_round.status,
            attempts_this_round=new_round.attempts_in_round,
            **NOT_WAITING | {"next_attempt_at": new_round.next_attempt_at},
        )

    def recoverable(
        self, recovery: Recovery, *, behind: DeliveryKey, limit: int, recent_from: datetime
    ) -> list[DeadDelivery]:
        dead = Delivery.objects.filter(client=recovery.client_key, status=recovery.status, pk__gt=behind)
        dead = dead.filter(body__isnull=not recovery.is_rendered)
        dead = dead.filter(created_at__gte=recovery.since, created_at__lt=recovery.until).order_by("pk")
        recent = Attempt.objects.filter(delivery=OuterRef("pk"), started_at__gt=recent_from).order_by()
        counted = dead.annotate(recent=Subquery(recent.values("delivery").annotate(count=Count("pk")).values("count")))
        rows = counted.select_for_update(no_key=True).values_list("pk", "recent")[:limit]
        return [DeadDelivery(key, count or 0) for key, count in rows]


def _cancel(deliveries: QuerySet, cancellation: Cancellation) -> int:
    of_status = deliveries.filter(status=cancellation.of)
    cancelled: int = of_status.update(status=cancellation.status, **NOT_WAITING)
    return cancelled


def _record_change(outcome: LateAnswer | PlannedRetry | ImmediateRetry | DeadLetter) -> None:
    """The changes that an attempt makes to its delivery, if its lease is still valid."""
    row = Delivery.objects.filter(pk=outcome.attempt.delivery_key)
    if isinstance(outcome, LateAnswer):
        row.update(attempt_count=F("attempt_count") + 1)
        return
    changes: dict[str, Any] = {"attempts_this_round": outcome.attempts_in_round}
    match outcome:
        case PlannedRetry():
            changes |= NOT_WAITING | {"next_attempt_at": outcome.next_attempt_at}
        case DeadLetter():
            changes |= NOT_WAITING | {"status": Status.DEAD}
        case ImmediateRetry():
            pass  # it stays leased, and pending
        case _:
            assert_never(outcome)
    row.filter(lease_token=outcome.token).update(attempt_count=F("attempt_count") + 1, **changes)


def _row(event_key: EventKey, new: NewDelivery) -> Delivery:
    return Delivery(
        public_id=new.id,
        event_id=event_key,
        client_id=new.client_key,
        status=new.status,
        skip_reason=new.skip_reason,
        body=new.body,
        content_type=new.content_type,
        ack_rule=new.ack_rule,
        mask=list(new.mask),
        next_attempt_at=new.next_attempt_at,
        created_at=new.created_at,
    )


def _attempt_row(attempt: AttemptValue) -> Attempt:
    return Attempt(
        delivery_id=attempt.delivery_key,
        started_at=attempt.started_at,
        duration_ms=attempt.duration_ms,
        response_status=attempt.response_status,
        error=attempt.error,
        response_excerpt=attempt.response_excerpt,
    )


def _claimed_delivery(row: Delivery, endpoint: Any, lease: Lease) -> ClaimedDelivery:
    return ClaimedDelivery(
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
