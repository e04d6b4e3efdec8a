"""A fake of an external HTTP server, on this machine. It remembers every call."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any
from unittest.mock import patch

from workshop.harness.serving import Handler, serving

SECONDS_BETWEEN_LOOKS = 0.01  # how soon it notices that it should end
SECONDS_OF_SILENCE = 2  # for a client without a timeout
A_HURRIED_CLIENT_WAITS = 0.2  # seconds


class Down(Exception):
    """Raised by an `answer`: the server is down for this call, which gets 503, or another status."""

    def __init__(self, status: int = 503) -> None:
        super().__init__(status)
        self.status = status


class HangsUp(Exception):
    """Raised by an `answer`: the server takes this call, and closes the connection without an answer."""


class SaysNothing(Exception):
    """Raised by an `answer`: the server takes this call, and stays silent longer than a short timeout."""


@dataclass
class Outside:
    """The server's address, and the path and JSON body of every call, in the order of arrival."""

    url: str = ""
    asked: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def listening(answer: Callable[[str, Any], Any]) -> Iterator[Outside]:
    """Answers every POST of JSON with 200 and the result of `answer(path, body)` as JSON. If `answer` raises Down, the
    status is another; if it raises HangsUp or SaysNothing, there is no answer."""
    outside = Outside()
    ended = threading.Event()

    class Answering(Handler):
        def do_POST(self) -> None:
            body = json.loads(self.body())
            outside.asked.append((self.path, body))
            try:
                status, said = 200, json.dumps(answer(self.path, body)).encode()
            except Down as down:
                status, said = down.status, b"{}"
            except HangsUp:
                return
            except SaysNothing:
                ended.wait(SECONDS_OF_SILENCE)
                return
            self.answer(status, "application/json", said)

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Answering), SECONDS_BETWEEN_LOOKS) as server:
        outside.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield outside
        finally:
            ended.set()


@contextmanager
def patience() -> Iterator[list[float | None]]:
    """Collects the timeout of each connection that is opened inside: seconds, or None for no timeout."""
    waits: list[float | None] = []
    kept = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        waits.append(self.gettimeout())
        kept(self, address)

    with patch.object(socket.socket, "connect", connect):
        yield waits


@contextmanager
def hurry() -> Iterator[None]:
    """Shortens every timeout of a connection, so that no check has to wait five seconds."""
    kept = socket.socket.settimeout

    def settimeout(self: socket.socket, seconds: float | None) -> None:
        kept(self, A_HURRIED_CLIENT_WAITS if seconds is None else min(seconds, A_HURRIED_CLIENT_WAITS))

    with patch.object(socket.socket, "settimeout", settimeout):
        yield
