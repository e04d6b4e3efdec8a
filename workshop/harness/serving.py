"""A small HTTP server in its own thread: the base of the demo's receiver and of the fake servers in exercises."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

Server = TypeVar("Server", bound=ThreadingHTTPServer)


class Handler(BaseHTTPRequestHandler):
    """Reads a request's body and sends an answer; it writes no log."""

    @property
    def content_length(self) -> int:
        """The length that the request states; 0 if it states none, or none that is a number."""
        stated = self.headers.get("content-length") or ""
        return int(stated) if stated.isascii() and stated.isdecimal() else 0

    def body(self) -> bytes:
        return self.rfile.read(self.content_length)

    def answer(self, status: int, content_type: str, body: bytes, more: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (more or {}).items():
            self.send_header(name, value)
        if content_type:
            self.send_header("Content-Type", content_type)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Writes no log: the caller shows the requests."""


@contextmanager
def serving(server: Server, seconds_between_looks: float = 0.1) -> Iterator[Server]:
    """The running server; after the block it has ended and its socket is closed."""
    thread = threading.Thread(target=server.serve_forever, args=(seconds_between_looks,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
