"""Additions to the OpenAPI 3.1 document and its page, which drf-spectacular cannot derive."""

from functools import lru_cache
from inspect import getdoc
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer

from .fields import TIMESTAMP

PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


PROBLEM_HEADERS = {
    "401": {"WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}, "required": True}},
    "503": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds", "required": True}},
}


class Schema(AutoSchema):
    """Adds to each operation the problems that it may answer with."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation:
            for status, description in self._problems(operation).items():
                answer = {
                    "description": description,
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                if status in PROBLEM_HEADERS:
                    answer["headers"] = PROBLEM_HEADERS[status]
                operation["responses"].setdefault(status, answer)
            if "requestBody" in operation:
                operation["requestBody"]["required"] = self.view.action not in self.view.actions_without_body
        return operation

    def get_override_parameters(self) -> list[Any]:
        """The view's description of the path's parameters, because a route has only their names."""
        return [parameter for parameter in self.view.path_parameters if f"{{{parameter.name}}}" in self.path]

    def get_description(self) -> str:
        """The docstring of the action; that of the class is for readers of the code."""
        action = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        return getdoc(action) or ""

    def _problems(self, operation: dict[str, Any]) -> dict[str, str]:
        takes_body = self.method in ("POST", "PATCH")
        parameters = {(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", ())}
        problems = {
            "401": "No key, or a bad one",
            "413": "The body is over 256 KiB",
            "503": "The database is away",
        }
        if "{" in self.path or self.view.action in self.view.operator_actions:
            problems["404"] = "Not found for this key"
        if takes_body:
            problems["400"] = "The body is not JSON, or a header is missing"
            problems["415"] = "The body is not application/json, or has a Content-Encoding"
        if takes_body or ("query", "limit") in parameters:
            problems["422"] = "A field cannot be accepted"
        if self.view.action in self.view.conflicting_actions:
            problems["409"] = "The state does not allow this"
        return problems


class BearerExtension(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "plumbing.authentication.BearerAuthentication"
    match_subclasses = True
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class TimestampExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "plumbing.fields.Timestamp"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, str]:
        return {"type": "string", "format": "date-time", "pattern": f"^{TIMESTAMP.pattern}$"}


class TextExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "plumbing.fields.Text"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        longest = {} if self.target.max_length is None else {"maxLength": self.target.max_length}
        return {"type": "string", "minLength": 1, **longest, **self.target.schema}


class EachOnceExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "plumbing.fields.EachOnce"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        return schema | {"uniqueItems": True}


class StrictExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Forbids other members in requests, and drops serializers' docstrings, which are for readers of the code."""

    target_class = "plumbing.fields.Strict"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        schema.pop("description", None)
        return schema | ({"additionalProperties": False} if direction == "request" else {})


def add_problem(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """A drf-spectacular postprocessing hook."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    return result


@lru_cache
def _document() -> bytes:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    document: bytes = OpenApiJsonRenderer().render(schema, renderer_context={})  # type: ignore[no-untyped-call]
    return document


@require_safe
def openapi_json(request: HttpRequest) -> HttpResponse:
    """The document is the same for everybody, so a process makes it once."""
    return HttpResponse(_document(), content_type="application/json")
