"""The base of all API views: the order of the checks of a request, and the reading of its JSON."""

import json
from typing import Any

from django.http import UnreadablePostError
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, parsers, permissions, renderers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from .problems import TooLarge, UnsupportedCoding

MAX_BODY_BYTES = 256 * 1024
MAX_DEPTH = 32
# A body that is too large is read up to here before it is refused, so that the sender can read the answer.
DRAINED_BYTES = 8 * 1024 * 1024


class JSONOnly(BaseContentNegotiation):
    """`Accept` is ignored: there is one representation."""

    def select_parser(self, request: Request, parsers: list[Any]) -> Any:
        if request.headers.get("Content-Encoding", "").strip():
            raise UnsupportedCoding()
        # RFC 8259 gives JSON no parameters: a charset says nothing, the body is UTF-8 in any case.
        content_type = request.content_type.lower().partition(";")[0].strip()
        return parsers[0] if content_type == "application/json" else None

    def select_renderer(self, request: Request, renderers: list[Any], format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class StrictJSONParser(parsers.BaseParser):
    """Strict RFC 8259: UTF-8, no NaN, and not nested deeper than 32."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return parse_json(stream.read().decode())
        except NestedTooDeep as error:
            raise exceptions.ParseError(f"The body is nested deeper than {MAX_DEPTH}.") from error
        except ValueError as error:
            raise exceptions.ParseError("The body is not JSON.") from error


class NestedTooDeep(ValueError):
    """JSON, but with more arrays and objects inside each other than MAX_DEPTH."""


def parse_json(text: str) -> Any:
    """The value of a stranger's JSON text. Raises ValueError for every kind of mistake."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=_integer)
    except RecursionError as error:
        raise ValueError("nested too deep to be parsed") from error
    if _is_deeper_than(MAX_DEPTH, value):
        raise NestedTooDeep(f"nested deeper than {MAX_DEPTH}")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> int | float:
    # No field takes so large a number, and int() refuses thousands of digits: a float is refused by the field itself.
    return int(digits) if len(digits) < 20 else float(digits)


def _is_deeper_than(limit: int, value: Any) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(value, (dict, list)) for value in level)


class RolePermission(permissions.BasePermission):
    """Admits client keys only if an action of the route is theirs; otherwise there is no such route (404)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.auth:
            return False
        if request.auth.is_operator:
            return True
        action = view.action_map.get((request.method or "").lower())
        actions = {action} if action else set(view.action_map.values())
        return not actions <= set(view.operator_actions)


class Endpoint(APIView):
    """A view that checks in the API's order: 401, 404, 405, 413, 415, 400; the action goes on with 404, 422, 409."""

    parser_classes = [StrictJSONParser]
    renderer_classes = [renderers.JSONRenderer]
    content_negotiation_class = JSONOnly
    permission_classes = [RolePermission]
    http_method_names = ["get", "head", "post", "patch", "delete"]
    operator_actions: tuple[str, ...] = ()
    actions_without_body: tuple[str, ...] = ()
    """Actions whose body may be left out; every other POST and PATCH needs one."""
    conflicting_actions: tuple[str, ...] = ()
    """The actions with a 409 in the OpenAPI document."""
    path_parameters: tuple[OpenApiParameter, ...] = ()
    """The path's parameters in the OpenAPI document."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise exceptions.MethodNotAllowed(request.method)
        refuse_large_body(request)
        if method in ("post", "patch"):
            self._read_body(request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        # No cache on the way may store a key or a secret that is shown once, or a client's data.
        response.headers["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> None:
        if request.authenticators and not request.successful_authenticator:
            raise exceptions.NotAuthenticated()
        raise exceptions.NotFound()

    def _read_body(self, request: Request) -> None:
        if not _content_length(request):
            if self.action not in self.actions_without_body:  # type: ignore[attr-defined]
                raise exceptions.ParseError("The body is empty; a JSON object was expected.")
            return
        try:
            request.raw_body = request._request.body
        except UnreadablePostError as error:
            raise exceptions.ParseError("The body ended too early.") from error
        _ = request.data  # parses it, or refuses


def refuse_large_body(request: Request) -> None:
    """Raises TooLarge. Every WSGI server reads only the announced length, so that length decides."""
    length = _content_length(request)
    if length <= MAX_BODY_BYTES:
        return
    stream, left = request._request, min(length, DRAINED_BYTES)
    while left > 0 and (chunk := stream.read(min(left, 65536))):
        left -= len(chunk)
    raise TooLarge()


def _content_length(request: Request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


class NoSuchRoute(Endpoint):
    """All other paths below the API's root: 401 without a key, else 404."""

    action = None
    action_map: dict[str, str] = {}
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.perform_authentication(request)
        if not request.auth:
            raise exceptions.NotAuthenticated()
        raise exceptions.NotFound()
