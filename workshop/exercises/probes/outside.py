"""Somebody else's server, on this machine: what a project calls over HTTP, with a memory of what it was asked."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any

from workshop.harness.serving import Handler, serving

SECONDS_BETWEEN_LOOKS = 0.01  # how soon it notices that it should end
SECONDS_OF_SILENCE = 2  # for a client that would wait for ever
A_HURRIED_CLIENT_WAITS = 0.2  # seconds


class Down(Exception):
    """For an `answer` to raise: this call finds the server down, and gets 503, or another status."""

    def __init__(self, status: int = 503) -> None:
        super().__init__(status)
        self.status = status


class HangsUp(Exception):
    """For an `answer` to raise: the server takes this call, and closes the connection without a word."""


class SaysNothing(Exception):
    """For an `answer` to raise: the server takes this call, and is silent for longer than a hurried client waits."""


@dataclass
class Outside:
    """Where it listens, and the path and JSON body of every call, in the order in which they came."""

    url: str = ""
    asked: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def listening(answer: Callable[[str, Any], Any]) -> Iterator[Outside]:
    """Answers every POST of JSON with 200 and what `answer(path, body)` returns, as JSON; with another status where it is Down,
    and with nothing where it HangsUp or SaysNothing."""
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
    """How long each connection that is opened in here would wait for an answer: seconds, or None for ever."""
    waits: list[float | None] = []
    kept = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        waits.append(self.gettimeout())
        kept(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign,assignment]
    try:
        yield waits
    finally:
        socket.socket.connect = kept  # type: ignore[method-assign]


@contextmanager
def hurry() -> Iterator[None]:
    """Shortens every patience of a connection, so that no check has to wait for the end of five seconds."""
    kept = socket.socket.settimeout

    def settimeout(self: socket.socket, seconds: float | None) -> None:
        kept(self, A_HURRIED_CLIENT_WAITS if seconds is None else min(seconds, A_HURRIED_CLIENT_WAITS))

    socket.socket.settimeout = settimeout  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        socket.socket.settimeout = kept  # type: ignore[method-assign]
