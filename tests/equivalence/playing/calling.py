"""Calls the stage's WSGI application as a server would, in this process."""

import io
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TEXT_HEADERS = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


@dataclass(frozen=True)
class Response:
    """The application's answer. `headers` are unchanged, in their order."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def described(self) -> dict[str, Any]:
        """The compared parts. Cookies only by name, because a message shows on the page that displays it."""
        headers = []
        for name, value in self.headers:
            if name == "Set-Cookie":
                value = value.partition("=")[0]
            elif name == "Content-Length":
                value = "right" if int(value) == len(self.body) else "wrong"
            headers.append(f"{name}: {value}")
        return {"status": self.status, "headers": sorted(headers), "body": self.body.decode(errors="surrogateescape")}


def call(
    application: Callable[..., Iterable[bytes]], method: str, target: str, headers: Mapping[str, str], body: bytes
) -> Response:
    """One request. `target` and header values go out as UTF-8, as the servers of the shared suite send them."""
    path, _, query = target.encode().decode("latin-1").partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _unquoted(path),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = TEXT_HEADERS.get(name.lower(), "HTTP_" + name.upper().replace("-", "_"))
        environ[key] = value.encode().decode("latin-1")
    answered: list[tuple[str, tuple[tuple[str, str], ...]]] = []

    def start_response(status: str, fields: Iterable[tuple[str, str]], exc_info: object = None) -> None:
        answered.append((status, tuple(fields)))

    chunks = application(environ, start_response)
    try:
        received = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()
    status, fields = answered[-1]
    return Response(status, fields, received)


def _unquoted(path: str) -> str:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path).decode("latin-1")
