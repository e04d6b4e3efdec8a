"""Events, deliveries and attempts in the API's requests and responses."""

import re

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from plumbing.currencies import MINOR_UNIT_DIGITS
from plumbing.fields import Strict, Text, Timestamp, VisibleText

from .amounts import AmountError, parse_amount
from .event_types import EventType
from .models import Attempt, Delivery, Event


class CustomerSerializer(Strict, serializers.ModelSerializer):
    id = VisibleText(source="customer_id", max_length=64)
    name = Text(source="customer_name", max_length=140)
    email = Text(source="customer_email", max_length=254, allow_null=True, schema={"pattern": "^[^@]+@[^@]+$"})
    iban = Text(source="customer_iban", max_length=34, allow_null=True)

    class Meta:
        model = Event
        fields = ["id", "name", "email", "iban"]

    def validate_email(self, email):
        if email is not None and not re.fullmatch(r"[^@]+@[^@]+", email, re.DOTALL):
            raise ValidationError("An e-mail address needs exactly one @, not at its start or end.")
        return email


class FailureSerializer(Strict, serializers.ModelSerializer):
    """`{code, message}` or null, kept in two columns."""

    code = Text(source="failure_code", max_length=32)
    message = Text(source="failure_message", max_length=500)

    class Meta:
        model = Event
        fields = ["code", "message"]

    def run_validation(self, data=serializers.empty):
        if data is None:
            return {"failure_code": None, "failure_message": None}
        return super().run_validation(data)

    def to_representation(self, event):
        return None if event.failure_code is None else super().to_representation(event)


class EventDataSerializer(Strict, serializers.ModelSerializer):
    payment_id = VisibleText(max_length=64)
    amount = Text(schema={"pattern": r"^[0-9]+(\.[0-9]{1,4})?$"})
    currency = Text(max_length=3, schema={"enum": sorted(MINOR_UNIT_DIGITS)})
    status = Text(max_length=32)
    customer = CustomerSerializer(source="*")
    reference = Text(max_length=140, allow_null=True)
    failure = FailureSerializer(source="*", allow_null=True)

    class Meta:
        model = Event
        fields = ["payment_id", "amount", "currency", "status", "customer", "reference", "failure"]

    def to_internal_value(self, data):
        errors = {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            values, errors = {}, error.detail
            if not isinstance(data, dict):
                raise
        # Here and not in validate(), so that a bad amount is reported together with all other errors.
        if "amount" not in errors:
            try:
                values["amount"] = parse_amount(data["amount"], None if "currency" in errors else data["currency"])
            except AmountError as error:
                errors["amount"] = [str(error)]
        if errors:
            raise ValidationError(errors)
        return values

    def validate_currency(self, currency):
        if currency not in MINOR_UNIT_DIGITS:
            raise ValidationError("Expected an active ISO 4217 currency with a minor unit.")
        return currency

    def to_representation(self, event):
        return super().to_representation(event) | {"amount": event.amount_text}


class EventSerializer(Strict, serializers.ModelSerializer):
    id = serializers.CharField(source="public_id", read_only=True)
    type = Text(schema={"enum": EventType.values})
    occurred_at = Timestamp(years=(1970, 2200))
    data = EventDataSerializer(source="*")

    class Meta:
        model = Event
        fields = ["id", "type", "occurred_at", "data"]

    def validate_type(self, event_type):
        if event_type not in EventType.values:
            raise ValidationError(f"One of {', '.join(EventType.values)} was expected.")
        return event_type


class DeliverySerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    event = serializers.CharField(source="event.public_id")
    client = serializers.CharField(source="client.slug")
    status = Text(schema={"enum": Delivery.Status.values})
    next_attempt_at = Timestamp(allow_null=True)
    created_at = Timestamp()

    class Meta:
        model = Delivery
        fields = [
            "id", "event", "client", "status", "skip_reason", "attempt_count", "next_attempt_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class AttemptSerializer(serializers.ModelSerializer):
    started_at = Timestamp()
    error = Text(allow_null=True, schema={"enum": [*Attempt.Error.values, None]})

    class Meta:
        model = Attempt
        fields = ["started_at", "duration_ms", "response_status", "error", "response_excerpt"]
        read_only_fields = fields


class DeliveryDetailSerializer(DeliverySerializer):
    attempts = AttemptSerializer(source="newest_attempts", many=True)

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "attempts"]


class PeriodSerializer(Strict, serializers.Serializer):
    """`[since, until)`"""

    since = Timestamp()
    until = Timestamp()

    def validate(self, period):
        if period["until"] < period["since"]:
            raise ValidationError({"until": ["The end must not be before the start."]})
        return period


class NothingSerializer(Strict, serializers.Serializer):
    """The body of a request without members."""
