"""Events, deliveries and attempts in the API's requests and responses."""

import re
from datetime import datetime
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from plumbing.currencies import MINOR_UNIT_DIGITS
from plumbing.fields import Strict, Text, Timestamp, VisibleText
from webhooks.domain.answers import AttemptError
from webhooks.domain.delivery import Status
from webhooks.domain.event import Customer, EventType, Failure, PostedEvent
from webhooks.domain.money import AmountError, Money, digits_of, is_currency, parse_amount


class CustomerSerializer(Strict, serializers.Serializer):
    id = VisibleText(max_length=64)
    name = Text(max_length=140)
    email = Text(max_length=254, allow_null=True, schema={"pattern": "^[^@]+@[^@]+$"})
    iban = Text(max_length=34, allow_null=True)

    def validate_email(self, email: str | None) -> str | None:
        if email is not None and not re.fullmatch(r"[^@]+@[^@]+", email, re.DOTALL):
            raise ValidationError("An e-mail address needs exactly one @, not at its start or end.")
        return email


class FailureSerializer(Strict, serializers.Serializer):
    code = Text(max_length=32)
    message = Text(max_length=500)


class EventDataSerializer(Strict, serializers.Serializer):
    payment_id = VisibleText(max_length=64)
    amount = Text(source="money.text", schema={"pattern": r"^[0-9]+(\.[0-9]{1,4})?$"})
    currency = Text(source="money.currency", max_length=3, schema={"enum": sorted(MINOR_UNIT_DIGITS)})
    status = Text(max_length=32)
    customer = CustomerSerializer()
    reference = Text(max_length=140, allow_null=True)
    failure = FailureSerializer(allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        errors: dict[str, Any] = {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            values, errors = {}, error.detail
            if not isinstance(data, dict):
                raise
        # Here and not in validate(), so that a bad amount is reported together with all other errors.
        if "amount" not in errors:
            try:
                if "currency" in errors:  # then the number of decimals is unknown
                    digits_of(data["amount"])
                else:
                    amount = parse_amount(data["amount"], data["currency"])
            except AmountError as error:
                errors["amount"] = [str(error)]
        if errors:
            raise ValidationError(errors)
        return values | {"money": Money(amount, data["currency"])}

    def validate_currency(self, currency: str) -> str:
        if not is_currency(currency):
            raise ValidationError("Expected an active ISO 4217 currency with a minor unit.")
        return currency


class EventSerializer(Strict, serializers.Serializer):
    """The event on the wire. `validated_data` is the domain's posted event."""

    id = serializers.CharField(read_only=True)
    type = Text(schema={"enum": list(EventType)})
    occurred_at = Timestamp(years=(1970, 2200))
    data = EventDataSerializer(source="*")

    def validate_type(self, event_type: str) -> EventType:
        if event_type not in list(EventType):
            raise ValidationError(f"One of {', '.join(EventType)} was expected.")
        return EventType(event_type)

    def validate(self, values: dict[str, Any]) -> PostedEvent:
        customer, failure = Customer(**values.pop("customer")), values.pop("failure")
        return PostedEvent(**values, customer=customer, failure=failure and Failure(**failure))


# The names belong to the API: if a column is renamed, the field gets a `source`, and no client notices.
class DeliverySerializer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    event = serializers.CharField(source="event.public_id")
    client = serializers.CharField(source="client.slug")
    status = Text(schema={"enum": list(Status)})
    skip_reason = serializers.CharField(allow_null=True, read_only=True)
    attempt_count = serializers.IntegerField(read_only=True)
    next_attempt_at = Timestamp(allow_null=True)
    created_at = Timestamp()


class AttemptSerializer(serializers.Serializer):
    started_at = Timestamp()
    duration_ms = serializers.IntegerField(read_only=True)
    response_status = serializers.IntegerField(allow_null=True, read_only=True)
    error = Text(allow_null=True, schema={"enum": [*AttemptError, None]})
    response_excerpt = serializers.CharField(read_only=True)


class DeliveryDetailSerializer(DeliverySerializer):
    attempts = AttemptSerializer(source="newest_attempts", many=True)


class PeriodSerializer(Strict, serializers.Serializer):
    """`[since, until)`"""

    since = Timestamp()
    until = Timestamp()

    def validate(self, period: dict[str, datetime]) -> dict[str, datetime]:
        if period["until"] < period["since"]:
            raise ValidationError({"until": ["The end must not be before the start."]})
        return period


class NothingSerializer(Strict, serializers.Serializer):
    """The body of a request without members."""
