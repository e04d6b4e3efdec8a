"""The client in the API's requests and responses."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from plumbing.fields import EachOnce, Integer, Strict, Text, Timestamp
from webhooks.event_types import SUBSCRIPTIONS, covered
from webhooks.options import format_errors, format_schema

from .models import Client
from .validators import SLUG, validate_endpoint_url, validate_slug

# For the OpenAPI document; the real check is stricter than a pattern.
ENDPOINT_URL = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\x00-\x20\x7f\\]+$"


@extend_schema_field(format_schema(), component_name="Format")
class FormatSerializer(Strict, serializers.ModelSerializer):
    """`{name, version, options}`: the format version that a client pins, kept in three columns."""

    name = Text(source="format_name")
    version = Integer(source="format_version")
    options = serializers.DictField(source="format_options", default=dict)

    class Meta:
        model = Client
        fields = ["name", "version", "options"]

    def validate(self, chosen):
        errors = format_errors(chosen["format_name"], chosen["format_version"], chosen["format_options"])
        if errors:
            raise ValidationError(errors)
        return chosen


class Subscription(Text):
    """An entry of `event_types`."""

    default_error_messages = {"unknown": "There is no such event type."}

    def __init__(self, **kwargs):
        super().__init__(schema={"enum": list(SUBSCRIPTIONS)}, **kwargs)

    def to_internal_value(self, data):
        entry = super().to_internal_value(data)
        if entry not in SUBSCRIPTIONS:
            self.fail("unknown")
        return entry


class ClientSerializer(Strict, serializers.ModelSerializer):
    """`context["by_operator"]` says whether an operator asks: a client cannot loosen its own settings."""

    slug = Text(schema={"pattern": f"^{SLUG.pattern}$"})
    name = Text(max_length=140)
    endpoint_url = Text(max_length=2048, schema={"pattern": ENDPOINT_URL})
    event_types = EachOnce(child=Subscription())
    format = FormatSerializer(source="*")
    created_at = Timestamp(read_only=True)
    status = serializers.CharField(read_only=True)
    disabled_reason = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = Client
        fields = [
            "slug", "name", "endpoint_url", "event_types", "format", "status", "disabled_reason", "created_at",
        ]  # fmt: skip

    def validate_slug(self, slug):
        validate_slug(slug)
        return slug

    def validate_endpoint_url(self, url):
        validate_endpoint_url(url)
        return url

    def validate_event_types(self, entries):
        if self._must_not_loosen and not covered(entries) <= covered(self.instance.event_types):
            raise ValidationError("A client cannot add an event type that was not covered before.")
        return entries

    def validate_format(self, chosen):
        if self._must_not_loosen:
            mask, kept = self.instance.format_options.get("mask", []), chosen["format_options"].get("mask", [])
            if not set(mask) <= set(kept):
                raise ValidationError({"options": {"mask": ["A client cannot remove an entry."]}})
        return chosen

    @property
    def _must_not_loosen(self):
        return self.instance is not None and not self.context["by_operator"]


class ClientChangeSerializer(ClientSerializer):
    """The body of a PATCH: any of these members, the format whole. (`partial` would accept half a format.)"""

    slug = Text(read_only=True)
    status = Text(required=False, schema={"enum": Client.Status.values})

    def get_fields(self):
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields

    def validate_status(self, status):
        if status not in Client.Status.values:
            raise ValidationError(f"One of {', '.join(Client.Status.values)} was expected.")
        if (
            status == Client.Status.ACTIVE
            and self._must_not_loosen
            and (self.instance.status, self.instance.disabled_reason)
            == (Client.Status.DISABLED, Client.DisabledReason.OPERATOR)
        ):
            raise ValidationError("An operator disabled this client; an operator must enable it.")
        return status

    def update(self, client, changes):
        client.change(changes, by_operator=self.context["by_operator"])
        return client


class RotationSerializer(Strict, serializers.Serializer):
    overlap_seconds = Integer(default=86400, min_value=0, max_value=30 * 86400)
