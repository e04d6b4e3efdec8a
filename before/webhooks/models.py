"""Events, their deliveries to clients, and the attempts of each delivery."""

import random
import re
import uuid
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from math import ceil

from django.db import models, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.http import parse_http_date

from clients.models import ApiWords, Client
from plumbing.columns import BytesField
from plumbing.currencies import MINOR_UNIT_DIGITS
from plumbing.ids import new_id
from plumbing.logs import get_logger
from plumbing.outbound import Answer
from plumbing.signing import signed_headers

from .bank_xml import is_xml_ack
from .doorbell import ring
from .event_types import EventType, covered
from .masking import MASKS, mask_text, masked_values
from .options import zone
from .payloads import render

log = get_logger(__name__)


class CannotRetry(Exception):
    """The delivery cannot be sent again. The message gives the reason."""


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ACK_RULES = {
    "std_json": "2xx",
    "flat_camel": "2xx",
    "form_legacy": "2xx [accepted]",
    "xml_bank": '2xx <Ack code="0">',
    "cloudevents": "2xx",
    "slack_blocks": "2xx ok",
    "csv": "2xx",
}


ACK_BYTES = 1024
BYTE_ORDER_MARK = "\ufeff".encode()


def ack_text(body: bytes) -> bytes:
    """The text of a response's body, without surrounding white space and without a byte order mark.

    Empty if it is over 1 KiB: no ack is that long, and 64 KiB of XML take long to parse.
    """
    text = body.strip().removeprefix(BYTE_ORDER_MARK).strip()
    return text if len(text) <= ACK_BYTES else b""


class EventQuerySet(models.QuerySet):
    BATCH = 1000

    def prune(self, before: datetime) -> int:
        """Deletes older events whose deliveries have all ended, in batches; returns the number of events."""
        pruned = 0
        ended = self.filter(created_at__lt=before).exclude(deliveries__status=Delivery.Status.PENDING)
        while keys := list(ended.order_by("pk").values_list("pk", flat=True)[: self.BATCH]):
            with transaction.atomic():
                # Check again: a retry may have come in between. The lock now prevents one until the commit.
                rows = Delivery.objects.filter(event__in=keys).order_by("pk").select_for_update()
                kept = {
                    row.event_id for row in rows.only("event_id", "status") if row.status == Delivery.Status.PENDING
                }
                keys = [key for key in keys if key not in kept]
                self.filter(pk__in=keys).delete()
            pruned += len(keys)
        return pruned


class Event(models.Model):
    """An event of a payment, as the platform posted it."""

    public_id = models.CharField(max_length=30, unique=True)
    type = models.CharField(max_length=32, choices=EventType.choices)
    occurred_at = models.DateTimeField()
    payment_id = models.CharField(max_length=64)
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=32)
    customer_id = models.CharField(max_length=64)
    customer_name = models.CharField(max_length=140)
    customer_email = models.CharField(max_length=254, null=True)
    customer_iban = models.CharField(max_length=34, null=True)
    reference = models.CharField(max_length=140, null=True)
    failure_code = models.CharField(max_length=32, null=True)
    failure_message = models.CharField(max_length=500, null=True)
    # Null for the events of a client's test call
    idempotency_key = models.CharField(max_length=255, null=True, unique=True)
    fingerprint = models.CharField(max_length=64, null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = EventQuerySet.as_manager()

    only_for: Client | None = None
    """Set before saving to deliver only to this client, even if it did not subscribe to the type."""

    written_deliveries: int | None = None
    """The number of deliveries that saving has just written; None for an event read from the database."""

    def __str__(self):
        return self.public_id

    @classmethod
    def posted(cls, **fields) -> "Event":
        """An event with a new id, not saved yet."""
        return cls(public_id=new_id("evt"), **fields)

    @property
    def amount_text(self) -> str:
        """The amount with exactly the decimals of its currency: `10.10`, `1099`."""
        digits = MINOR_UNIT_DIGITS[self.currency]
        return f"{self.amount.quantize(Decimal(1).scaleb(-digits)):f}"

    def local_time(self, client: Client) -> datetime:
        """The time of the event in the client's zone."""
        return self.occurred_at.astimezone(zone(client.format_options.get("timezone", "UTC")))

    def amount_minor(self, client: Client) -> int:
        """The amount in minor units, with the digits that this client's provider uses for the currency."""
        digits = client.format_options.get("minor_units", {}).get(self.currency, MINOR_UNIT_DIGITS[self.currency])
        return int(self.amount.scaleb(digits).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))

    def type_for(self, client: Client) -> str:
        """This client's alias of the type, or the type itself."""
        return client.format_options.get("event_aliases", {}).get(self.type, self.type)

    def customer_field(self, field: str, client: Client) -> str | None:
        """The customer's name, email or iban as this client may see it."""
        attribute, mask = MASKS[f"customer.{field}"]
        value = getattr(self, attribute)
        if value is not None and f"customer.{field}" in client.format_options.get("mask", []):
            return mask(value)
        return value

    def recipients(self) -> list[Client]:
        """The clients that get a delivery. Disabled clients do, too: their rows stay pending until they are enabled."""
        if self.only_for:
            return [self.only_for]
        # In the order of the key, in which the deliveries' foreign keys lock the clients.
        clients = Client.objects.present().order_by("pk")
        return [client for client in clients if self.type in covered(client.event_types)]

    def skip_reason_for(self, client: Client) -> str | None:
        """The reason why this client's format skips the event, None if it sends the event."""
        if client.format_name != "slack_blocks" or self.type == EventType.PAYMENT_FAILED:
            return None
        threshold = client.format_options.get("threshold", {}).get(self.currency)
        if threshold is not None and self.amount >= Decimal(threshold):
            return None
        return "below_threshold"

    def render_for(self, client: Client) -> tuple[str, bytes]:
        """The content type and the body for this client."""
        return render(self, client)


class KeyList(Subquery):
    """The keys that a query finds, as one list, so that one statement can fetch those of many clients."""

    output_field = models.JSONField()
    template = "(SELECT jsonb_agg(found.key) FROM (%(subquery)s) found)"

    def as_sqlite(self, compiler, connection):
        return self.as_sql(compiler, connection, template=self.template.replace("jsonb_agg", "json_group_array"))


class DeliveryQuerySet(models.QuerySet):
    BATCH = 1000

    def due(self, now: datetime, due_by: datetime | None = None):
        """Pending deliveries that are due and that no worker holds."""
        waiting = self.filter(status=Delivery.Status.PENDING, next_attempt_at__lte=due_by or now)
        return waiting.exclude(leased_until__gt=now, leased_until__lte=Delivery.latest_lease(now))

    def claim_due(self, slots: int, in_flight: dict[int, int], due_by: datetime | None = None) -> list["Delivery"]:
        """Takes a lease on as many due deliveries as can start now, and returns them.

        `slots` is their largest number, `in_flight` the caller's number of attempts in flight by client id: no client
        gets more than its share, even if thousands of its deliveries are pending.
        """
        now = timezone.now()
        clients, keys = self._fair_share(now, slots, in_flight, due_by)
        if not keys:
            return []
        token = uuid.uuid4().hex
        with transaction.atomic(savepoint=False):
            claimed = list(
                self.due(now, due_by)
                .filter(pk__in=keys)
                .select_for_update(skip_locked=True, of=("self",), no_key=True)
                .select_related("event")
            )
            self.due(now, due_by).filter(pk__in=[delivery.pk for delivery in claimed]).update(
                lease_token=token, leased_until=now + Delivery.LEASE
            )
            interrupted = [delivery for delivery in claimed if delivery.lease_token]
            Attempt.objects.bulk_create([delivery.interrupted_attempt(now) for delivery in interrupted])
            for delivery in claimed:
                delivery.lease_token = token
                delivery.client = clients[delivery.client_id]
            for delivery in interrupted:
                delivery.count_interruption()
        alive = [delivery for delivery in claimed if delivery.status == Delivery.Status.PENDING]
        if claimed and not alive:  # all were at their eighth attempt: others may be due after them
            return self.claim_due(slots, in_flight, due_by)
        return alive

    def _fair_share(self, now, slots, in_flight, due_by):
        """The clients that come next, by id, and the keys of the deliveries that can start now.

        Clients with the fewest deliveries in flight come first; ties go to the longest wait. Of more than ten slots,
        some are kept for clients with none in flight, so that two hanging clients leave room for a third.
        """
        share = Delivery.IN_FLIGHT_PER_CLIENT
        # By time only: after a recovery thousands have the same time, and a second column would need a sort of all.
        due = self.due(now, due_by).filter(client=OuterRef("pk")).order_by("next_attempt_at")
        waiting = (
            Client.objects.present()
            .filter(status=Client.Status.ACTIVE)
            .exclude(pk__in=[client for client, count in in_flight.items() if count >= share])
            .annotate(first_due=Subquery(due.values("next_attempt_at")[:1]))
            .filter(first_due__isnull=False)
            .annotate(due_keys=KeyList(due.values(key=F("pk"))[:share]))
            .order_by("first_due")
        )
        clients = {client.pk: client for client in waiting[: slots + len(in_flight)]}
        turns = sorted(
            (under_way, place, key)
            for place, client in enumerate(clients.values())
            for under_way, key in enumerate(client.due_keys, start=in_flight.get(client.pk, 0))
            if under_way < share
        )
        first = [key for under_way, _, key in turns if not under_way]
        others = [key for under_way, _, key in turns if under_way]
        concurrency = slots + sum(in_flight.values())
        kept_free = min(ceil(concurrency / 8), max(concurrency - share, 0))
        return clients, first[:slots] + others[: max(slots - len(first) - kept_free, 0)]

    def record(self, finished: list[tuple["Delivery", "Attempt", Answer]]) -> None:
        """Records finished attempts, in the order in which they ended, in one transaction.

        A delivery changes its state only if the lease of its claim is still valid.
        """
        now = timezone.now()
        with transaction.atomic(savepoint=False):
            # In the order of the key, clients before deliveries: all code that locks several rows uses this order.
            clients = Client.objects.select_for_update(no_key=True).order_by("pk")
            clients = {client.pk: client for client in clients.filter(pk__in={row.client_id for row, _, _ in finished})}
            rows = self.filter(pk__in=[delivery.pk for delivery, _, _ in finished]).order_by("pk")
            tokens = dict(rows.select_for_update(no_key=True).values_list("pk", "lease_token"))
            attempts, delivered = [], []
            for delivery, attempt, answer in finished:
                if delivery.pk not in tokens:
                    continue  # pruned since
                attempts.append(attempt)
                if tokens[delivery.pk] != delivery.lease_token:
                    self.filter(pk=delivery.pk).update(attempt_count=F("attempt_count") + 1)
                elif attempt.error is None:
                    delivered.append(delivery)
                    clients[delivery.client_id].attempt_succeeded()
                else:
                    delivery.fail(now, answer)
                    if attempt.error != Attempt.Error.INTERRUPTED:
                        clients[delivery.client_id].attempt_failed(now, gone=answer.status == 410)
            Attempt.objects.bulk_create(attempts)
            self.filter(
                pk__in=[delivery.pk for delivery in delivered],
                lease_token__in={delivery.lease_token for delivery in delivered},
            ).update(
                status=Delivery.Status.DELIVERED,
                attempt_count=F("attempt_count") + 1,
                attempts_this_round=F("attempts_this_round") + 1,
                **Delivery.NOT_WAITING,
            )

    def recover(self, client: Client, since: datetime, until: datetime) -> int | None:
        """Makes the client's dead deliveries created in [since, until) due again, with eight new attempts each. Returns
        their number, None if the client is disabled or deleted.

        Works in batches, each with its own commit, so that no request waits for a lock while thousands are written.
        """
        dead = self.filter(client=client, status=Delivery.Status.DEAD, body__isnull=False)
        dead = dead.filter(created_at__gte=since, created_at__lt=until).order_by("pk")
        recovered, last, is_full = 0, 0, True
        while is_full:
            now = timezone.now()
            with transaction.atomic():
                if not Client.objects.select_for_update(no_key=True).get(pk=client.pk).is_active:
                    return recovered or None
                behind = dead.filter(pk__gt=last).select_for_update(no_key=True)
                keys = list(behind.values_list("pk", flat=True)[: self.BATCH])
                recovered += self.filter(pk__in=keys).may_start_round(now).update(**Delivery.due_again(now))
                ring()
            is_full = len(keys) == self.BATCH
            last = keys[-1] if keys else last
        return recovered

    def may_start_round(self, now: datetime):
        """The deliveries below the limit of attempts in the last 24 hours: endless retries would fill
        the table.
        """
        recent = Attempt.objects.filter(delivery=OuterRef("pk"), started_at__gt=now - timedelta(days=1))
        most = Delivery.ATTEMPTS_A_DAY
        return self.filter(Q(attempt_count__lt=most) | ~Exists(recent[most - 1 : most]))

    def newest_failure(self, since: datetime, before: datetime) -> datetime | None:
        """The start of the newest failed attempt of these deliveries, in [since, before); None without one."""
        failed = Attempt.objects.filter(error__isnull=False, started_at__gte=since, started_at__lt=before)
        failed = failed.filter(delivery__in=self).exclude(error=Attempt.Error.INTERRUPTED)
        return failed.aggregate(newest=Max("started_at"))["newest"]

    def cancel_pending(self) -> int:
        """Cancels the pending deliveries. An attempt in flight loses its lease."""
        return self.filter(status=Delivery.Status.PENDING).update(
            status=Delivery.Status.CANCELLED, **Delivery.NOT_WAITING
        )


class Delivery(models.Model):
    """One event for one client."""

    class Status(ApiWords):
        PENDING = "pending"
        DELIVERED = "delivered"
        DEAD = "dead"
        SKIPPED = "skipped"
        CANCELLED = "cancelled"

    LEASE = timedelta(seconds=90)
    CLOCKS_DIFFER_BY = timedelta(seconds=5)
    IN_FLIGHT_PER_CLIENT = 10
    ATTEMPTS_A_DAY = 100  # with this number in the last 24 hours, it starts no new round
    RETRY_WAITS = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 36000))
    JITTER = 0.2
    NOT_WAITING = {"next_attempt_at": None, "lease_token": None, "leased_until": None}

    public_id = models.CharField(max_length=30, unique=True)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    skip_reason = models.CharField(max_length=32, null=True)
    # Rendered once, when the event is accepted; null if nothing was rendered
    body = BytesField(null=True)
    content_type = models.CharField(max_length=80, default="")
    ack_rule = models.CharField(max_length=32, default="2xx")  # the acknowledgement rule, frozen with the body
    mask = models.JSONField(default=list)  # the client's mask when the body was rendered
    attempt_count = models.PositiveIntegerField(default=0)
    attempts_this_round = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, null=True)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "client"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(status__in=("pending", "delivered", "dead", "skipped", "cancelled")),
                name="delivery_status",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", next_attempt_at__isnull=False)
                | (~Q(status="pending") & Q(next_attempt_at__isnull=True)),
                name="delivery_next_attempt",
            ),
        ]
        indexes = [
            # For the worker's query, many times a second. It holds only pending rows, so it stays small.
            models.Index(fields=["client", "next_attempt_at"], condition=Q(status="pending"), name="delivery_due"),
            # For a client's page of deliveries, newest first.
            models.Index(fields=["client", "id"], name="delivery_of_client"),
        ]

    def __str__(self):
        return self.public_id

    @classmethod
    def prepared(cls, event: Event, client: Client) -> "Delivery":
        """The delivery of a newly accepted event, rendered and not saved yet."""
        mask = client.format_options.get("mask", [])
        delivery = cls(public_id=new_id("dlv"), event=event, client=client, mask=mask, created_at=event.created_at)
        try:
            delivery.skip_reason = event.skip_reason_for(client)
            if delivery.skip_reason:
                delivery.status = cls.Status.SKIPPED
                return delivery
            delivery.content_type, delivery.body = event.render_for(client)
            delivery.ack_rule = ACK_RULES[client.format_name]
            delivery.next_attempt_at = event.created_at
        except Exception:
            # If rendering fails for one client, the other clients still get their deliveries.
            delivery.status = cls.Status.DEAD
            log.exception("render_failed", event_id=event.public_id, delivery_id=delivery.public_id, client=client.slug)
        return delivery

    @classmethod
    def latest_lease(cls, now: datetime) -> datetime:
        """The latest possible end of a lease taken at this time, on the host whose clock is furthest ahead.

        A lease with a later end is invalid: a worker whose clock was a year ahead may no longer exist.
        """
        return now + cls.LEASE + cls.CLOCKS_DIFFER_BY

    def is_leased(self, now: datetime) -> bool:
        """Whether a worker holds the delivery at this time."""
        return self.leased_until is not None and now < self.leased_until <= self.latest_lease(now)

    @classmethod
    def due_again(cls, now: datetime) -> dict:
        """The column values that start a new round of eight attempts."""
        return cls.NOT_WAITING | {"status": cls.Status.PENDING, "attempts_this_round": 0, "next_attempt_at": now}

    @transaction.atomic
    def retry(self) -> None:
        """Makes the delivery due now, or raises CannotRetry. A delivery in flight does not change."""
        # Lock the client before the delivery, as everywhere, so that nobody deletes or disables it meanwhile.
        client = Client.objects.select_for_update(no_key=True).get(pk=self.client_id)
        if not client.is_active:
            raise CannotRetry("The client is disabled or deleted.")
        if self.status in (self.Status.SKIPPED, self.Status.CANCELLED):
            raise CannotRetry(f"The delivery is {self.status}.")
        ring()
        now = timezone.now()
        row = Delivery.objects.filter(pk=self.pk)
        if self.status == self.Status.PENDING:
            held = {"leased_until__gt": now, "leased_until__lte": self.latest_lease(now)}
            row.filter(status=self.Status.PENDING).exclude(**held).update(next_attempt_at=now)
        elif not row.filter(body__isnull=False).exists():
            raise CannotRetry("The delivery has no body, because rendering failed.")
        elif not row.may_start_round(now).exists():
            raise CannotRetry(f"The delivery had {self.ATTEMPTS_A_DAY} attempts in the last 24 hours. Retry it later.")
        else:
            row.filter(status=self.status).update(**self.due_again(now))

    @property
    def newest_attempts(self) -> list["Attempt"]:
        """The newest attempts, as many as are shown, oldest first. This causes a query."""
        return list(self.attempts.order_by("-pk")[: Attempt.SHOWN])[::-1]

    def request(self) -> tuple[str, bytes, dict[str, str]]:
        """The request to send now: the URL, the body and the signed headers."""
        body = bytes(self.body)
        now = timezone.now()
        headers = signed_headers(self.client.signing_secrets(now), self.event.public_id, now, body)
        return self.client.endpoint_url, body, {"Content-Type": self.content_type, **headers}

    def attempt_from(self, started_at: datetime, answer: Answer) -> "Attempt":
        """The attempt for an answer, not saved yet. It uses no database, so a sending thread can make it."""
        return Attempt(
            delivery=self,
            started_at=started_at,
            duration_ms=answer.duration_ms,
            response_status=answer.status,
            error=self.error_of(answer),
            response_excerpt=self.excerpt(answer.body),
        )

    def error_of(self, answer: Answer) -> str | None:
        """The reason why this answer does not acknowledge the event, or None if it does."""
        if answer.error:
            return answer.error
        if 300 <= answer.status < 400:
            return Attempt.Error.REDIRECT
        if not 200 <= answer.status < 300:
            return Attempt.Error.BAD_STATUS
        ack = ack_text(answer.body)
        if self.ack_rule == "2xx [accepted]" and ack != b"[accepted]":
            return Attempt.Error.NOT_ACKNOWLEDGED
        if self.ack_rule == "2xx ok" and ack != b"ok":
            return Attempt.Error.NOT_ACKNOWLEDGED
        if self.ack_rule == '2xx <Ack code="0">' and not is_xml_ack(ack):
            return Attempt.Error.NOT_ACKNOWLEDGED
        return None

    def excerpt(self, body: bytes) -> str:
        """The stored excerpt of a response's body, masked, because a client may send back its data.

        The client's present mask applies too, so that newly masked fields are not stored.
        """
        hidden = masked_values(self.event, {*self.mask, *self.client.format_options.get("mask", [])})
        text = body.decode(errors="replace").replace("\0", "")
        return mask_text(text, hidden, Attempt.EXCERPT_LENGTH)

    def fail(self, now: datetime, answer: Answer) -> None:
        """Plans the next attempt after a failed one, or gives up after the last."""
        failed = self.attempts_this_round + 1
        changes = {"attempt_count": F("attempt_count") + 1, "attempts_this_round": failed}
        if failed > len(self.RETRY_WAITS):
            changes |= {"status": self.Status.DEAD, **self.NOT_WAITING}
        else:
            wait = self.RETRY_WAITS[failed - 1] * random.uniform(1 - self.JITTER, 1 + self.JITTER)
            asked = self.wait_asked_for(answer, now)
            if asked is not None:
                wait = min(max(asked, wait), 2 * wait)
            changes |= {"next_attempt_at": now + wait, "lease_token": None, "leased_until": None}
        Delivery.objects.filter(pk=self.pk, lease_token=self.lease_token).update(**changes)

    def interrupted_attempt(self, now: datetime) -> "Attempt":
        """The attempt of a worker that died before it recorded it. The next worker that claims the delivery does."""
        return Attempt(
            delivery=self,
            # If a wrong clock set the lease, its start is unknown, but it is at least a lease's length ago.
            started_at=min(self.leased_until, now) - self.LEASE,
            duration_ms=self.LEASE // timedelta(milliseconds=1),
            error=Attempt.Error.INTERRUPTED,
        )

    def count_interruption(self) -> None:
        """Counts the interrupted attempt as one of the eight, and gives up if it was the last."""
        self.attempts_this_round += 1
        changes = {"attempt_count": F("attempt_count") + 1, "attempts_this_round": self.attempts_this_round}
        if self.attempts_this_round > len(self.RETRY_WAITS):
            self.status = self.Status.DEAD
            changes |= {"status": self.Status.DEAD, **self.NOT_WAITING}
        Delivery.objects.filter(pk=self.pk, lease_token=self.lease_token).update(**changes)
        log.warning("interrupted", delivery_id=self.public_id, event_id=self.event.public_id, client=self.client.slug)

    @staticmethod
    def wait_asked_for(answer: Answer, now: datetime) -> timedelta | None:
        """The Retry-After of a 429 or 503 (RFC 9110), as seconds or as a date; None if it is not valid."""
        value = answer.headers.get("retry-after", "").strip()
        if answer.status not in (429, 503) or not value:
            return None
        if re.fullmatch("[0-9]+", value):
            return timedelta(seconds=min(int(value.lstrip("0")[:10] or 0), 10**9))
        try:
            return timedelta(seconds=parse_http_date(value)) - (now - EPOCH)
        except ValueError:
            return None


class Attempt(models.Model):
    """One HTTP try of a delivery."""

    class Error(ApiWords):
        TIMEOUT = "timeout"
        CONNECT = "connect"
        TLS = "tls"
        ADDRESS_REFUSED = "address_refused"
        REDIRECT = "redirect"
        TOO_LARGE = "too_large"
        BAD_STATUS = "bad_status"
        NOT_ACKNOWLEDGED = "not_acknowledged"
        INTERRUPTED = "interrupted"

    EXCERPT_LENGTH = 1000
    SHOWN = 100

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField(db_index=True)  # the metrics count the last hour
    duration_ms = models.PositiveIntegerField()
    response_status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=16, choices=Error.choices, null=True)
    response_excerpt = models.TextField(default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(error__isnull=True)
                | Q(
                    error__in=(
                        "timeout",
                        "connect",
                        "tls",
                        "address_refused",
                        "redirect",
                        "too_large",
                        "bad_status",
                        "not_acknowledged",
                        "interrupted",
                    )
                ),
                name="attempt_error",
            ),
        ]

    def __str__(self):
        return f"{self.delivery_id} at {self.started_at:%Y-%m-%d %H:%M:%S}"
