"""A small HTTP server that plays every client's endpoint, and shows the requests as JSON."""

import json
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import urlsplit

from workshop.harness.clients import Answer
from workshop.harness.conduct import Silence
from workshop.harness.inbox import Inbox, Received
from workshop.harness.serving import Handler, serving

MOST_BYTES = 1024 * 1024  # of a request's body
SECONDS_TO_HANG = 20  # a worker waits for 15
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n"


class Pages(Protocol):
    """Further pages of the receiver; each call answers one request."""

    def get(self, request: Handler) -> None: ...

    def post(self, request: Handler) -> None: ...


class Receiver(ThreadingHTTPServer):
    """`POST /<side>/hooks/<slug>` is a client's endpoint, each side with an inbox of its own; `GET /inbox.json` shows the
    requests. `pages` answers all below `/lab`. After `ending`, no endpoint hangs any more.
    """

    daemon_threads = True
    pages: Pages | None = None

    def __init__(self, listening: socket.socket, inboxes: Mapping[str, Inbox]) -> None:
        self.inboxes = inboxes
        self.ending = threading.Event()
        super().__init__(listening.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_port = self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stays quiet if the other side has gone, as a worker does that is killed."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def receiving(listening: socket.socket, inboxes: Mapping[str, Inbox]) -> Iterator[Receiver]:
    """A running receiver in its own thread, on a socket that it closes at the end."""
    with serving(Receiver(listening, inboxes)) as receiver:
        try:
            yield receiver
        finally:
            receiver.ending.set()


class _Handler(Handler):
    server: Receiver

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        side, _, slug = path.removeprefix("/").partition("/hooks/")
        inbox = self.server.inboxes.get(side)
        if self.server.pages and path.startswith("/lab/"):
            self.server.pages.post(self)
        elif self.content_length > MOST_BYTES:
            self._send(Answer(413, "text/plain", f"A body has at most {MOST_BYTES} bytes."))
        elif inbox and slug in inbox.clients:
            self._reply(inbox.receive(slug, dict(self.headers.items()), self.body()))
        else:
            self._send(Answer(404, "text/plain", "No client has this endpoint."))

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if self.server.pages and (path == "/lab" or path.startswith("/lab/")):
            self.server.pages.get(self)
        elif path == "/inbox.json":
            shown = json.dumps(as_json(self.server.inboxes), ensure_ascii=False, indent=1)
            self._send(Answer(200, "application/json", shown))
        else:
            lab = " The terminal shows the address of the lab." if self.server.pages else ""
            self._send(Answer(404, "text/plain", f"/inbox.json has the requests.{lab}"))

    def _reply(self, answer: Answer | Silence) -> None:
        if isinstance(answer, Answer):
            if answer.hints_first:
                self.wfile.write(HINTS)
            self._send(answer)
        elif answer is Silence.HANGS:
            self.server.ending.wait(SECONDS_TO_HANG)

    def _send(self, answer: Answer) -> None:
        self.answer(answer.status, answer.content_type, answer.body.encode())


def as_json(inboxes: Mapping[str, Inbox]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Every request by side and client, oldest first."""
    return {
        side: {slug: [_request(request) for request in inbox.of(slug)] for slug in inbox.clients}
        for side, inbox in inboxes.items()
    }


def _request(request: Received) -> dict[str, Any]:
    return {
        "received_at": request.at.isoformat(),
        "headers": request.headers,
        "body": request.text,
        "signature": request.refusal or "verified",
        "answered": _answer(request.answer),
    }


def _answer(answer: Answer | Silence) -> dict[str, Any]:
    if isinstance(answer, Answer):
        return {"status": answer.status, "body": answer.body}
    return {"status": None, "body": str(answer)}
