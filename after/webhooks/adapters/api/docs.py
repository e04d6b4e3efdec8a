"""Additions to the OpenAPI document on events and deliveries, which the serializers do not provide."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from webhooks.application import all_formats

HEADER: Final = "header"

ACCEPTED = inline_serializer("Accepted", {"id": serializers.CharField(), "deliveries": serializers.IntegerField()})
FORMAT_FIELDS = {
    "name": serializers.CharField(),
    "versions": inline_serializer(
        "FormatVersion",
        {
            "version": serializers.IntegerField(),
            "content_type": serializers.CharField(),
            "options": serializers.DictField(),
            "ack": serializers.CharField(),
        },
        many=True,
    ),
}
IN_CLIENTS_FORMAT: dict[Any, Any] = {
    **{
        (200, content_type): OpenApiResponse(
            {"type": "object" if "json" in content_type else "string"}, "The body, in the client's format"
        )
        for content_type in sorted({format_.content_type for format_ in all_formats()})
    },
    204: OpenApiResponse(None, "The client's format skips the event"),
}
EVENT_OR_BODY = OpenApiResponse(
    {"anyOf": [{"$ref": "#/components/schemas/Event"}, {"type": "object"}]},
    "The event, as it was posted; for a client the body, in the client's format",
)
IDEMPOTENCY_HEADERS = [
    OpenApiParameter("Idempotency-Key", location=HEADER, required=True, pattern="^[!-~]{1,255}$"),
    OpenApiParameter(
        "Idempotent-Replayed", location=HEADER, response=[202], enum=["true"], description="No new event was created"
    ),
]
SKIPPED_HEADERS = [
    OpenApiParameter("webhook-skipped", location=HEADER, response=[204], required=True, description="The reason"),
    OpenApiParameter("webhook-id", location=HEADER, response=[204], required=True),
]
WEBHOOK_ID = OpenApiParameter("webhook-id", location=HEADER, response=[200, 204], required=True)


def id_in_path(prefix: str) -> OpenApiParameter:
    """`evt_` or `dlv_` and a ULID."""
    pattern = f"^{prefix}_[0-9A-HJKMNP-TV-Z]{{26}}$"
    return OpenApiParameter("public_id", location="path", pattern=pattern)
