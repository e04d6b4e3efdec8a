"""A request class and a middleware against strangers' text that makes Django or a database fail.

PostgreSQL and file names allow no U+0000, and the admin passes queries and paths to both. The API (`/v1`) checks each
field itself.
"""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters

from .problems import bad_request

API = "/v1/"


class Utf8Request(WSGIRequest):
    """A request read as UTF-8, because its Content-Type may name any codec of Python, such as `hex`.

    Django decodes the query before the first middleware runs, so no middleware could catch the failure.
    """

    encoding = property(lambda self: None, lambda self, value: None)

    def __init__(self, environ: dict[str, Any]) -> None:
        try:
            parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        except ValueError:
            environ["CONTENT_TYPE"] = ""  # a parameter with its own, unknown encoding (RFC 2231)
        super().__init__(environ)


class StrangeTextMiddleware:
    """A cookie with a control character is dropped; a path or a query with U+0000 is 400."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Our cookies have none. A stranger's quoted cookie can have any, written as \000.
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if value.isprintable()}
        if not request.path_info.startswith(API) and _holds_nul(request):
            return bad_request(request, ValueError("The request cannot be read."))
        response: HttpResponse = self.get_response(request)
        return response


def _holds_nul(request: HttpRequest) -> bool:
    texts = [request.path_info, *request.GET]
    texts += [value for _, values in request.GET.lists() for value in values]
    return any("\0" in text for text in texts)
