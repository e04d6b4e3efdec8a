"""The client in the API's requests and responses."""

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from plumbing.fields import EachOnce, Integer, Strict, Text, Timestamp
from webhooks.application import (
    SUBSCRIPTIONS,
    AddsEventTypes,
    ClientCannotLoosen,
    ClientChange,
    ClientSettings,
    ClientStatus,
    DisabledReason,
    EndsOperatorsDisablement,
    Health,
    Loosening,
    PinnedFormat,
    RemovesMaskEntries,
)
from webhooks.process import use_cases

from .models import Client
from .openapi import format_schema
from .validators import SLUG, format_errors, validate_endpoint_url, validate_slug

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

    def validate(self, chosen: dict[str, Any]) -> dict[str, Any]:
        errors = format_errors(chosen["format_name"], chosen["format_version"], chosen["format_options"])
        if errors:
            raise ValidationError(errors)
        return chosen


class Subscription(Text):
    """An entry of `event_types`."""

    default_error_messages = {"unknown": "There is no such event type."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(schema={"enum": list(SUBSCRIPTIONS)}, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        entry = super().to_internal_value(data)
        if entry not in SUBSCRIPTIONS:
            self.fail("unknown")
        return entry


def settings_of(client: Client) -> ClientSettings:
    """The settings of a client, in the form that the application takes."""
    reason = client.disabled_reason and DisabledReason(client.disabled_reason)
    health = Health(ClientStatus(client.status), reason, client.failing_since)
    return ClientSettings(tuple(client.event_types), frozenset(client.format_options.get("mask", ())), health)


def pinned_format(values: Mapping[str, Any]) -> PinnedFormat:
    return PinnedFormat(values["format_name"], values["format_version"], values["format_options"])


def change_of(values: Mapping[str, Any]) -> ClientChange:
    """The change that a valid body requests."""
    return ClientChange(
        name=values.get("name"),
        endpoint_url=values.get("endpoint_url"),
        event_types=tuple(values["event_types"]) if "event_types" in values else None,
        format=pinned_format(values) if "format_name" in values else None,
        status=ClientStatus(values["status"]) if "status" in values else None,
    )


def refused(loosenings: Iterable[Loosening]) -> dict[str, Any]:
    """The API's message for each loosening, by the member that requests it."""
    errors: dict[str, Any] = {}
    for loosening in loosenings:
        match loosening:
            case AddsEventTypes():
                errors["event_types"] = ["A client cannot add an event type that was not covered before."]
            case RemovesMaskEntries():
                errors["format"] = {"options": {"mask": ["A client cannot remove an entry."]}}
            case EndsOperatorsDisablement():
                errors["status"] = ["An operator disabled this client; an operator must enable it."]
            case _:
                assert_never(loosening)
    return errors


class ClientSerializer(Strict, serializers.ModelSerializer):
    """`context["asked_by"]` is the kind of key: a client cannot loosen its own settings."""

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

    def validate_slug(self, slug: str) -> str:
        validate_slug(slug)
        return slug

    def validate_endpoint_url(self, url: str) -> str:
        validate_endpoint_url(url)
        return url

    def validate_event_types(self, entries: list[str]) -> list[str]:
        self._refuse_loosening(event_types=tuple(entries))
        return entries

    def validate_format(self, chosen: dict[str, Any]) -> dict[str, Any]:
        self._refuse_loosening(format=pinned_format(chosen))
        return chosen

    def _refuse_loosening(self, **member: Any) -> None:
        """Checks one member as the use case checks the whole change, so that all errors are reported together."""
        if self.instance is None:
            return
        change = ClientChange(**member)
        loosenings = settings_of(self.instance).loosened_by(change, self.context["asked_by"])
        for error in refused(loosenings).values():
            raise ValidationError(error)


class ClientChangeSerializer(ClientSerializer):
    """The body of a PATCH: any of these members, the format whole. (`partial` would accept half a format.)"""

    slug = Text(read_only=True)
    status = Text(required=False, schema={"enum": list(ClientStatus)})

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields

    def validate_status(self, status: str) -> ClientStatus:
        if status not in list(ClientStatus):
            raise ValidationError(f"One of {', '.join(ClientStatus)} was expected.")
        self._refuse_loosening(status=ClientStatus(status))
        return ClientStatus(status)

    def update(self, client: Client, changes: dict[str, Any]) -> Client:
        try:
            use_cases().change_client(client.pk, change_of(changes), self.context["asked_by"])
        except ClientCannotLoosen as error:  # it was set after this request was checked
            raise ValidationError(refused(error.loosenings)) from error
        client.refresh_from_db()
        return client


class RotationSerializer(Strict, serializers.Serializer):
    overlap_seconds = Integer(default=86400, min_value=0, max_value=30 * 86400)
