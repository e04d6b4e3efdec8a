"""A small HTTP server in its own thread: the base of the demo's receiver and of the fake servers in exercises."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

Server = TypeVar("Server", bound=ThreadingHTTPServer)


class Handler(BaseHTTPRequestHandler):
    """Reads a request's body and sends an answer; it writes no log."""

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
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
