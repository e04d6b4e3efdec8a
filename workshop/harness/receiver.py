"""A small HTTP server that plays every client's endpoint, and shows the requests on a page."""

import json
import socket
from collections.abc import Mapping
from contextlib import AbstractContextManager
from html import escape
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from workshop.base.counting import counted
from workshop.harness.clients import Answer
from workshop.harness.inbox import Inbox, Received
from workshop.harness.serving import Handler, serving

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>The receiver's inbox</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }}
pre {{ background: #f4f4f2; padding: .75rem; white-space: pre-wrap; overflow-wrap: anywhere }}
summary {{ cursor: pointer }} .bad {{ color: #a40000 }}
@media (prefers-color-scheme: dark) {{ body {{ background: #181818; color: #ddd }}
 a {{ color: #8ab4f8 }} pre {{ background: #262626 }} .bad {{ color: #ff9c8f }} }}
</style>
<h1>The receiver's inbox</h1>
<p>{requests}, newest first. The same as <a href="/inbox.json">JSON</a>.</p>
{clients}
</html>
"""


class Receiver(ThreadingHTTPServer):
    """`POST /<side>/hooks/<slug>` is a client's endpoint, each side with an inbox of its own; `GET /` and `/inbox.json`
    show the requests.
    """

    daemon_threads = True

    def __init__(self, listening: socket.socket, inboxes: Mapping[str, Inbox]) -> None:
        self.inboxes = inboxes
        super().__init__(listening.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_port = self.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def receiving(listening: socket.socket, inboxes: Mapping[str, Inbox]) -> AbstractContextManager[Receiver]:
    """A running receiver in its own thread, on a socket that it closes at the end."""
    return serving(Receiver(listening, inboxes))


class _Handler(Handler):
    server: Receiver

    def do_POST(self) -> None:
        side, _, slug = urlsplit(self.path).path.removeprefix("/").partition("/hooks/")
        body, inbox = self.body(), self.server.inboxes.get(side)
        if inbox and slug in inbox.clients:
            self._send(inbox.receive(slug, dict(self.headers.items()), body))
        else:
            self._send(Answer(404, "text/plain", "No client has this endpoint."))

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/":
            self._send(Answer(200, "text/html; charset=utf-8", page(self.server.inboxes)))
        elif path == "/inbox.json":
            shown = json.dumps(as_json(self.server.inboxes), ensure_ascii=False, indent=1)
            self._send(Answer(200, "application/json", shown))
        else:
            self._send(Answer(404, "text/plain", "Look at / or /inbox.json."))

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
        "answered": {"status": request.answer.status, "body": request.answer.body},
    }


def page(inboxes: Mapping[str, Inbox]) -> str:
    """The inboxes for a browser, one after the other."""
    sections = []
    for side, inbox in inboxes.items():
        for slug, client in inbox.clients.items():
            received = inbox.of(slug)
            requests = "\n".join(_details(request) for request in reversed(received))
            heading = f"{escape(client.title)} · {escape(client.name)} · from {escape(side)}/ ({len(received)})"
            sections.append(f'<h2 id="{side}-{slug}">{heading}</h2>\n{requests}')
    total = sum(inbox.count() for inbox in inboxes.values())
    return PAGE.format(requests=counted(total, "request"), clients="\n".join(sections))


def _details(request: Received) -> str:
    signature = "signature verified" if request.is_verified else f"signature refused: {request.refusal}"
    line = f"{request.at:%H:%M:%S} · {request.webhook_id} · {signature} · answered {request.answer}"
    headers = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    bad = "" if request.is_verified and request.is_acknowledged else ' class="bad"'
    return (
        f"<details><summary{bad}>{escape(line)}</summary>"
        f"<pre>{escape(headers)}</pre><pre>{escape(request.text)}</pre></details>"
    )
