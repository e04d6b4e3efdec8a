"""Events and deliveries for operators: to read, straight from the tables, and to retry, through the use case."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from plumbing.read_only_admin import ReadOnly
from webhooks.application import CannotRetry, use_cases
from webhooks.domain.delivery import Status, is_leased
from webhooks.domain.retrying import RETRIES

from .orm.events import event_of
from .orm.models import Attempt, Delivery, Event


class DeliveryInline(ReadOnly, admin.TabularInline):
    model = Delivery
    fields = ["public_id", "client", "status", "skip_reason", "attempt_count", "next_attempt_at"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("client").defer("body")


@admin.register(Event)
class EventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["public_id", "type", "payment_id", "amount_text", "currency", "status", "occurred_at", "created_at"]
    list_filter = ["type", "currency", "created_at"]
    search_fields = ["=public_id", "=payment_id", "=customer_id", "=idempotency_key"]
    ordering = ["-id"]
    show_full_result_count = False
    inlines = [DeliveryInline]
    fieldsets = [
        (None, {"fields": ["public_id", "type", "occurred_at", "created_at", "idempotency_key"]}),
        ("Payment", {"fields": ["payment_id", "amount_text", "currency", "status", "reference"]}),
        ("Customer", {"fields": ["customer_id", "customer_name", "customer_email", "customer_iban"]}),
        ("Failure", {"fields": ["failure_code", "failure_message"]}),
    ]
    readonly_fields = ["amount_text"]

    @admin.display(description="amount", ordering="amount")
    def amount_text(self, event: Event) -> str:
        return event_of(event).money.text


class AttemptInline(ReadOnly, admin.TabularInline):
    model = Attempt
    fields = ["started_at", "duration_ms", "response_status", "outcome", "response_excerpt"]
    readonly_fields = ["outcome"]
    ordering = ["started_at", "id"]

    @admin.display(description="outcome")
    def outcome(self, attempt: Attempt) -> str:
        return attempt.error or "acknowledged"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["public_id", "client", "status", "attempts_made", "next_attempt_at", "event_type", "created_at"]
    list_filter = ["status", "event__type", "created_at", "client"]
    list_select_related = ["event", "client"]
    search_fields = ["=public_id", "=event__public_id", "=event__payment_id", "=client__slug"]
    ordering = ["-id"]
    show_full_result_count = False
    list_per_page = 50
    inlines = [AttemptInline]
    actions = ["retry_selected"]
    fieldsets = [
        (None, {"fields": ["story", "event_link", ("client_link", "endpoint"), ("public_id", "created_at")]}),
        ("State", {"fields": [("status", "skip_reason", "attempt_count", "next_attempt_at")]}),
        ("What is sent", {"fields": [("content_type", "ack_rule"), "body_text"]}),
    ]
    readonly_fields = ["story", "event_link", "client_link", "endpoint", "body_text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        deliveries = super().get_queryset(request).select_related("event", "client")
        return deliveries if request.resolver_match.url_name.endswith("_change") else deliveries.defer("body")

    @admin.display(description="attempts", ordering="attempt_count")
    def attempts_made(self, delivery: Delivery) -> int:
        return delivery.attempt_count

    @admin.display(description="event type", ordering="event__type")
    def event_type(self, delivery: Delivery) -> str:
        return delivery.event.type

    @admin.display(description="event")
    def event_link(self, delivery: Delivery) -> str:
        event = delivery.event
        return format_html(
            '<a href="/admin/webhooks/event/{}/change/">{}</a> {}: {} {} {}',
            event.pk, event.public_id, event.type, event.payment_id, event_of(event).money.text, event.currency,
        )  # fmt: skip

    @admin.display(description="client")
    def client_link(self, delivery: Delivery) -> str:
        client = delivery.client
        return format_html('<a href="/admin/clients/client/{}/change/">{}</a>', client.pk, client.slug)

    @admin.display(description="endpoint")
    def endpoint(self, delivery: Delivery) -> str:
        return delivery.client.endpoint_url

    @admin.display(description="body")
    def body_text(self, delivery: Delivery) -> str:
        if delivery.body is None:
            return "Nothing was rendered."
        text = bytes(delivery.body).decode(errors="replace")
        return format_html('<pre style="margin: 0; white-space: pre-wrap; overflow-wrap: anywhere">{}</pre>', text)

    @admin.display(description="in short")
    def story(self, delivery: Delivery) -> str:
        tried = f"{delivery.attempt_count} attempt{'' if delivery.attempt_count == 1 else 's'}"
        match delivery.status:
            case Status.SKIPPED:
                return f"Skipped: {delivery.skip_reason}."
            case Status.PENDING if not delivery.client.is_active:
                return f"Waits until the client is enabled ({delivery.client.disabled_reason}), after {tried}."
            case Status.PENDING if is_leased(delivery.leased_until, timezone.now()):
                return f"Being sent, after {tried}."
            case Status.PENDING:
                left = RETRIES.attempts - delivery.attempts_this_round
                return f"To be sent at {delivery.next_attempt_at:%Y-%m-%d %H:%M:%S} UTC, after {tried}; {left} left."
            case Status.DEAD if delivery.body is None:
                return "Dead: it could not be rendered. The log has render_failed with this delivery's id."
            case status:
                return f"{status.capitalize()} after {tried}."

    @admin.action(description="Retry selected deliveries")
    def retry_selected(self, request: HttpRequest, deliveries: QuerySet) -> None:
        refusals = []
        for delivery in deliveries:
            try:
                use_cases().retry_delivery(delivery.public_id)
            except CannotRetry as refusal:
                refusals.append(str(refusal))
        self.message_user(request, f"{len(deliveries) - len(refusals)} deliveries are due now.")
        for reason in dict.fromkeys(refusals):
            self.message_user(request, f"{refusals.count(reason)} not retried: {reason}", messages.WARNING)
