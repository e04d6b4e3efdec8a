"""The OpenAPI 3.1 document and its page: what drf-spectacular cannot see by itself."""

from functools import lru_cache
from inspect import getdoc
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer

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


class Schema(AutoSchema):
    """Adds to each operation the problems that it may answer with."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation:
            for status, description in self._problems().items():
                operation["responses"].setdefault(
                    status,
                    {
                        "description": description,
                        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                    },
                )
        return operation

    def get_description(self) -> str:
        """The docstring of the action: the class's is for whoever reads the code."""
        action = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        return getdoc(action) or ""

    def _problems(self) -> dict[str, str]:
        problems = {
            "401": "No key, or a bad one",
            "404": "No such thing for this key",
            "413": "The body is over 256 KiB",
            "422": "A field cannot be accepted",
            "503": "The database is away",
        }
        if self.method in ("POST", "PATCH"):
            problems["400"] = "The body is not JSON, or a header is missing"
            problems["415"] = "The body is not application/json"
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
        return {"type": "string", "format": "date-time"}


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
    """The same for everybody, so it is made once a process."""
    return HttpResponse(_document(), content_type="application/json")
