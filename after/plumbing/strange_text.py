"""Text from strangers that Django or a database stumbles over: a request class and a middleware that keep it out.

PostgreSQL keeps no U+0000, file systems have no such name, and the admin hands queries and paths on to both. The API
(`/v1`) refuses for itself, field by field.
"""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters

from .problems import bad_request

API = "/v1/"


class Utf8Request(WSGIRequest):
    """A request of UTF-8, whatever its Content-Type says: that may name any codec of Python, `hex` for example.

    Django reads the query with it before the first middleware is asked, so nothing further in could catch the failure.
    """

    encoding = property(lambda self: None, lambda self, value: None)

    def __init__(self, environ: dict[str, Any]) -> None:
        try:
            parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        except ValueError:
            environ["CONTENT_TYPE"] = ""  # a parameter in an encoding of its own (RFC 2231) that nobody knows
        super().__init__(environ)


class StrangeTextMiddleware:
    """A cookie with a control character is none; a path or a query with U+0000 is 400."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # No cookie of ours holds one. Between quotes, a stranger's can hold any, written as \000.
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if value.isprintable()}
        if not request.path_info.startswith(API) and _holds_nul(request):
            return bad_request(request, ValueError("The request cannot be read."))
        response: HttpResponse = self.get_response(request)
        return response


def _holds_nul(request: HttpRequest) -> bool:
    texts = [request.path_info, *request.GET]
    texts += [value for _, values in request.GET.lists() for value in values]
    return any("\0" in text for text in texts)
