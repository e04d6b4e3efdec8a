"""Errors as RFC 9457 `application/problem+json`, with RFC 6901 pointers to what was wrong."""

import json
import sys
from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions, status

from .logs import get_logger
from .migrated import MIGRATE_FIRST, is_not_migrated

log = get_logger(__name__)

# HTTPStatus keeps older phrases in some Pythons; these are RFC 9110's.
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}

MAX_ERRORS = 100
"""The largest number of errors in an answer, and of one kind: a body of 256 KiB could have 100,000."""

WHOLE = "\0"
"""The key under which a serializer reports errors of the whole object, not of a member."""


class UnknownMember(str):
    """A name from a request: it is always a member's name, even if it equals WHOLE."""

    __slots__ = ()


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "The resource's state does not allow this."


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is larger than 256 KiB."


class UnsupportedCoding(exceptions.APIException):
    """The body is compressed; RFC 9110 section 15.5.16 has the answer name what is taken instead."""

    status_code = status.HTTP_415_UNSUPPORTED_MEDIA_TYPE
    default_detail = "The body must not have a Content-Encoding. Send it uncompressed, without that header."


class BadHeader(exceptions.APIException):
    """A header is missing or malformed (400)."""

    status_code = status.HTTP_400_BAD_REQUEST


class Invalid(exceptions.APIException):
    """Something outside the body cannot be accepted (422): a header or a query parameter, named in the detail."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY


def problem(
    status_code: int, detail: str, errors: list[dict[str, str]] | None = None, headers: dict[str, str] | None = None
) -> HttpResponse:
    """The problem document. ASCII only, so that a pointer may name a member with a lone surrogate."""
    title = TITLES.get(status_code) or HTTPStatus(status_code).phrase
    document = {"type": "about:blank", "title": title, "status": status_code, "detail": detail, "errors": errors or []}
    return HttpResponse(
        json.dumps(document),
        status=status_code,
        reason=title,
        headers=headers,
        content_type="application/problem+json",
    )


def exception_handler(exception: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """REST framework's EXCEPTION_HANDLER. Exceptions that it does not know go on to Django."""
    if isinstance(exception, (Http404, PermissionDenied)):
        exception = exceptions.NotFound()
    if not isinstance(exception, exceptions.APIException):
        return None
    headers = {}
    if getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = exception.auth_header
    if isinstance(exception, UnsupportedCoding):
        headers["Accept-Encoding"] = "identity"
    if isinstance(exception, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    if isinstance(exception, exceptions.ValidationError):
        found = islice(pointers(exception.detail), MAX_ERRORS)
        errors = [{"pointer": pointer, "detail": detail} for pointer, detail in found]
        return problem(422, "Some fields cannot be accepted.", errors, headers)
    detail = str(exception.detail)
    names_no_field = isinstance(exception, (BadHeader, Invalid))
    errors = [{"pointer": "", "detail": detail}] if names_no_field else []
    return problem(exception.status_code, detail, errors, headers)


def pointers(detail: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """A pointer and a sentence for each bad field of a ValidationError's nested detail."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            is_whole = name == WHOLE and not isinstance(name, UnknownMember)
            yield from pointers(inner, at if is_whole else f"{at}/{escape(str(name))}")
    elif isinstance(detail, list) and any(isinstance(item, (dict, list)) for item in detail):
        for index, inner in enumerate(detail):
            yield from pointers(inner, f"{at}/{index}") if inner else ()
    elif isinstance(detail, list):
        yield at, " ".join(str(message) for message in detail)
    else:
        yield at, str(detail)


def escape(name: str) -> str:
    """A member's name as a reference token of RFC 6901."""
    return name.replace("~", "~0").replace("/", "~1")


class DatabaseAwayMiddleware:
    """Answers 503 if the database cannot be reached, is locked for too long, is full, or has no tables yet."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        return response

    def process_exception(self, request: HttpRequest, exception: BaseException | None) -> HttpResponse | None:
        if exception and is_not_migrated(exception):
            return problem(503, MIGRATE_FIRST, headers={"Retry-After": "5"})
        if isinstance(exception, (OperationalError, InterfaceError)):
            return problem(503, "The database is away. Try again later.", headers={"Retry-After": "5"})
        if isinstance(exception, DataError):
            # A value that fits no column came from a stranger: our own values were checked before.
            log.warning("value_refused_by_database", exception=type(exception).__name__)
            return bad_request(request, exception)
        return None


def _for_the_admin(request: HttpRequest) -> bool:
    return request.path.startswith("/admin/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _for_the_admin(request):
        return defaults.bad_request(request, exception)
    return problem(400, "The request cannot be read.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _for_the_admin(request):
        return defaults.page_not_found(request, exception)
    return problem(404, "There is nothing here.")


def server_error(request: HttpRequest) -> HttpResponse:
    # Failures in other middleware, such as the session middleware, are only caught here.
    if known := DatabaseAwayMiddleware(None).process_exception(request, sys.exception()):
        return known
    if _for_the_admin(request):
        return defaults.server_error(request)
    return problem(500, "The server failed. The failure is in its log.")
