"""Events and deliveries for operators, to read and to retry."""

from collections import Counter

from django.contrib import admin, messages
from django.forms import BaseInlineFormSet
from django.utils import timezone
from django.utils.html import format_html

from clients.models import Client
from plumbing.admin import GuardedAdmin, in_batches, one_of
from plumbing.read_only_admin import ReadOnly

from .event_types import EventType
from .models import Attempt, CannotRetry, Delivery, Event

LEFT_OVER = (
    "The time was too short for all of them. Filter the list by the status to retry, and retry the rest; "
    "or recover a client's dead deliveries of a period with the API."
)


class DeliveryInline(ReadOnly, admin.TabularInline):
    model = Delivery
    fields = ["public_id", "client", "status", "skip_reason", "attempt_count", "next_attempt_at"]
    show_change_link = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("client").defer("body")


@admin.register(Event)
class EventAdmin(ReadOnly, GuardedAdmin):
    list_display = ["public_id", "type", "payment_id", "amount_text", "currency", "status", "occurred_at", "created_at"]
    list_filter = [("type", one_of(EventType.values)), "currency", "created_at"]
    search_fields = ["public_id", "idempotency_key", "payment_id", "customer_id"]
    search_help_text = "The whole id of an event, a payment or a customer, or the whole idempotency key"
    ordering = ["-id"]
    inlines = [DeliveryInline]
    fieldsets = [
        (None, {"fields": ["public_id", "type", "occurred_at", "created_at", "idempotency_key"]}),
        ("Payment", {"fields": ["payment_id", "amount_text", "currency", "status", "reference"]}),
        ("Customer", {"fields": ["customer_id", "customer_name", "customer_email", "customer_iban"]}),
        ("Failure", {"fields": ["failure_code", "failure_message"]}),
    ]
    readonly_fields = ["amount_text"]

    def get_search_results(self, request, queryset, search_term):
        """Searches for exact values, first those with an index: only a payment or a customer needs the whole table."""
        for found in ({"public_id": search_term}, {"idempotency_key": search_term}, {"payment_id": search_term}):
            if search_term and queryset.filter(**found).exists():
                return queryset.filter(**found), False
        return (queryset.filter(customer_id=search_term) if search_term else queryset), False

    @admin.display(description="amount", ordering="amount")
    def amount_text(self, event):
        return event.amount_text


class NewestAttempts(BaseInlineFormSet):
    """Shows only the newest of thousands of attempts, as the API does."""

    def get_queryset(self):
        newest = self.queryset.order_by("-pk").values_list("pk", flat=True)[: Attempt.SHOWN]
        self.queryset = self.queryset.filter(pk__in=list(newest))
        return super().get_queryset()


class AttemptInline(ReadOnly, admin.TabularInline):
    model = Attempt
    formset = NewestAttempts
    verbose_name_plural = f"the newest {Attempt.SHOWN} attempts"
    fields = ["started_at", "duration_ms", "response_status", "outcome", "response_excerpt"]
    readonly_fields = ["outcome"]
    ordering = ["started_at", "id"]

    @admin.display(description="outcome")
    def outcome(self, attempt):
        return attempt.error or "acknowledged"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, GuardedAdmin):
    list_display = ["public_id", "client", "status", "attempts_made", "next_attempt_at", "event_type", "created_at"]
    list_filter = [
        ("status", one_of(Delivery.Status.values)),
        ("event__type", one_of(EventType.values)),
        "created_at",
        "client",
    ]
    list_select_related = ["event", "client"]
    search_fields = ["public_id", "event__public_id", "client__slug", "event__payment_id"]
    search_help_text = "The whole id of a delivery, an event or a payment, or the whole slug of a client"
    ordering = ["-id"]
    list_per_page = 50
    inlines = [AttemptInline]
    actions = ["retry_selected"]
    fieldsets = [
        (None, {"fields": ["story", "event_link", ("client_link", "endpoint"), ("public_id", "created_at")]}),
        ("State", {"fields": [("status", "skip_reason", "attempt_count", "next_attempt_at")]}),
        ("What is sent", {"fields": [("content_type", "ack_rule"), "body_text"]}),
    ]
    readonly_fields = ["story", "event_link", "client_link", "endpoint", "body_text"]

    def get_queryset(self, request):
        deliveries = super().get_queryset(request).select_related("event", "client")
        return deliveries if request.resolver_match.url_name.endswith("_change") else deliveries.defer("body")

    def get_search_results(self, request, queryset, search_term):
        """Searches for exact values, first those with an index: only a payment needs the whole table of events."""
        if not search_term:
            return queryset, False
        if queryset.filter(public_id=search_term).exists():
            return queryset.filter(public_id=search_term), False
        for model, column in ((Event, "public_id"), (Client, "slug"), (Event, "payment_id")):
            if keys := list(model.objects.filter(**{column: search_term}).values_list("pk", flat=True)):
                return queryset.filter(**{f"{model._meta.model_name}__in": keys}), False
        return queryset.none(), False

    @admin.display(description="attempts", ordering="attempt_count")
    def attempts_made(self, delivery):
        return delivery.attempt_count

    @admin.display(description="event type", ordering="event__type")
    def event_type(self, delivery):
        return delivery.event.type

    @admin.display(description="event")
    def event_link(self, delivery):
        event = delivery.event
        return format_html(
            '<a href="/admin/webhooks/event/{}/change/">{}</a> {}: {} {} {}',
            event.pk, event.public_id, event.type, event.payment_id, event.amount_text, event.currency,
        )  # fmt: skip

    @admin.display(description="client")
    def client_link(self, delivery):
        client = delivery.client
        return format_html('<a href="/admin/clients/client/{}/change/">{}</a>', client.pk, client.slug)

    @admin.display(description="endpoint")
    def endpoint(self, delivery):
        return delivery.client.endpoint_url

    @admin.display(description="body")
    def body_text(self, delivery):
        if delivery.body is None:
            return "There is no body."
        text = bytes(delivery.body).decode(errors="replace")
        return format_html('<pre style="margin: 0; white-space: pre-wrap; overflow-wrap: anywhere">{}</pre>', text)

    @admin.display(description="in short")
    def story(self, delivery):
        tried = f"{delivery.attempt_count} attempt{'' if delivery.attempt_count == 1 else 's'}"
        match delivery.status:
            case Delivery.Status.SKIPPED:
                return f"Skipped: {delivery.skip_reason}."
            case Delivery.Status.PENDING if not delivery.client.is_active:
                return f"Pending until the client is enabled ({delivery.client.disabled_reason}), after {tried}."
            case Delivery.Status.PENDING if delivery.is_leased(timezone.now()):
                return f"Being sent, after {tried}."
            case Delivery.Status.PENDING:
                left = len(Delivery.RETRY_WAITS) + 1 - delivery.attempts_this_round
                return f"To be sent at {delivery.next_attempt_at:%Y-%m-%d %H:%M:%S} UTC, after {tried}; {left} left."
            case Delivery.Status.DEAD if delivery.body is None:
                return "Dead: the body could not be rendered. See render_failed with this delivery's id in the log."
            case status:
                return f"{status.capitalize()} after {tried}."

    def has_retry_permission(self, request):
        return request.user.has_perm("webhooks.change_delivery")

    @admin.action(description="Retry selected deliveries", permissions=["retry"])
    def retry_selected(self, request, deliveries):
        due, refusals = 0, Counter()
        for batch in in_batches(deliveries):
            if not batch:
                self.message_user(request, LEFT_OVER, messages.WARNING)
                break
            retried = []
            for delivery in batch:
                try:
                    delivery.retry()
                except CannotRetry as refusal:
                    refusals[str(refusal)] += 1
                else:
                    retried.append(delivery)
            due += len(retried)
            self.note(request, retried, "Retried.", "delivery_id")
        self.message_user(request, f"{due} deliveries are due now.")
        for refusal, count in refusals.items():
            self.message_user(request, f"{count} not retried: {refusal}", messages.WARNING)
