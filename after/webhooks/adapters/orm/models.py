"""The tables of events, deliveries and attempts. These are only rows: their rules are in webhooks.domain."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from plumbing.columns import BytesField
from webhooks.domain.answers import AttemptError
from webhooks.domain.delivery import Status
from webhooks.domain.event import EventType


def choices_of(words: type[StrEnum]) -> list[tuple[str, str]]:
    """A closed set of the domain as a column's `choices`, labelled with the words of the API."""
    return [(word.value, word.value) for word in words]


class Event(models.Model):
    """An event of a payment, as the platform posted it."""

    public_id = models.CharField(max_length=30, unique=True)
    type = models.CharField(max_length=32, choices=choices_of(EventType))
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

    def __str__(self) -> str:
        return self.public_id


class Delivery(models.Model):
    """One event for one client."""

    public_id = models.CharField(max_length=30, unique=True)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    status = models.CharField(max_length=16, choices=choices_of(Status), default=Status.PENDING)
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

    def __str__(self) -> str:
        return self.public_id

    @property
    def newest_attempts(self) -> list["Attempt"]:
        """The newest attempts, as many as are shown, oldest first. This causes a query."""
        return list(self.attempts.order_by("-pk")[: Attempt.SHOWN])[::-1]


class Attempt(models.Model):
    """One HTTP try of a delivery."""

    SHOWN = 100

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField(db_index=True)  # the metrics count the last hour
    duration_ms = models.PositiveIntegerField()
    response_status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=16, choices=choices_of(AttemptError), null=True)
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

    def __str__(self) -> str:
        return f"{self.delivery_id} at {self.started_at:%Y-%m-%d %H:%M:%S}"
