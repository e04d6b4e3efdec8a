"""The lab over HTTP: the page, the stream of records, the buttons. For browsers on this machine that know the token."""

import hmac
import json
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from urllib.parse import parse_qs, urlsplit

from workshop.base.problems import CommandFailed
from workshop.demo.lab import actions
from workshop.demo.lab.recording import PAGES, SCRIPTS, STYLE, page, recording
from workshop.demo.lab.state import Lab
from workshop.demo.lab.watch import Watch
from workshop.demo.side import Side
from workshop.demo.signals import Stopped
from workshop.harness.clock import Clock
from workshop.harness.receiver import Receiver
from workshop.harness.serving import Handler

MOST_STREAMS = 16
MOST_BYTES = 4 * actions.MOST_POSTED  # of a request
SECONDS_BETWEEN_SIGNS = 10  # of life, when nothing happens
SECONDS_TO_WRITE = 20
ASSETS = {f"/lab/{name}": "text/javascript; charset=utf-8" for name in SCRIPTS} | {
    f"/lab/{STYLE}": "text/css; charset=utf-8"
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
GUARD = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
JSON = "application/json"


class Refused(Exception):
    """A request that the lab does not answer, with a status and the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class LabPages:
    """Everything below /lab. The address with the token is `url`."""

    def __init__(self, lab: Lab, receivers_url: str) -> None:
        self.lab = lab
        self.watch = Watch(lab)
        self.token = secrets.token_urlsafe(16)
        self.url = f"{receivers_url}/lab?token={self.token}"
        port = urlsplit(receivers_url).port
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self._origins = {f"http://{host}" for host in self._hosts}
        self._streams: set[socket.socket] = set()
        self._lock = threading.Lock()

    def end(self) -> None:
        """Ends every stream and the watch."""
        self.lab.log.end()
        self.watch.end()
        with self._lock:
            for stream in self._streams:
                with suppress(OSError):
                    stream.shutdown(socket.SHUT_RDWR)

    def get(self, request: Handler) -> None:
        path = urlsplit(request.path).path
        try:
            self._check_where_from(request)
            if path in ASSETS:
                name = path.removeprefix("/lab/")
                return self._send(request, 200, ASSETS[path], (PAGES / name).read_bytes())
            self._check_token(request)
            match path:
                case "/lab":
                    self._send(request, 200, "text/html; charset=utf-8", page().encode())
                case "/lab/stream":
                    self._stream(request)
                case "/lab/recording.html":
                    file = {"Content-Disposition": 'attachment; filename="lab-recording.html"'}
                    content = recording(self.lab.log).encode()
                    self._send(request, 200, "text/html; charset=utf-8", content, file)
                case _:
                    raise Refused(404, "The lab has no such page.")
        except Refused as refused:
            self._refuse(request, refused)

    def post(self, request: Handler) -> None:
        try:
            self._check_where_from(request)
            self._check_token(request)
            if urlsplit(request.path).path != "/lab/do":
                raise Refused(404, "The lab has no such action.")
            if request.headers.get("origin") not in self._origins:
                raise Refused(403, "An action must come from the lab's own page.")
            if request.headers.get_content_type() != JSON:
                raise Refused(415, f"Content-Type: {JSON} was expected.")
            if request.content_length > MOST_BYTES:
                raise Refused(413, f"A request has at most {MOST_BYTES} bytes.")
            try:
                asked = json.loads(request.body())
            except (ValueError, RecursionError) as error:
                raise Refused(400, f"The request is not JSON: {error}") from error
            try:
                done = actions.do(self.lab, asked)
            except CommandFailed as failure:
                raise Refused(422, str(failure)) from failure
            except Stopped as stopped:
                raise Refused(503, "The demo is ending.") from stopped
            self._send(request, 200, JSON, json.dumps(done).encode())
        except Refused as refused:
            self._refuse(request, refused)

    def _check_where_from(self, request: Handler) -> None:
        """Lets in only browsers that were sent here by this address: no other site, and no other name for it."""
        if request.headers.get("host") not in self._hosts:
            raise Refused(403, "The lab answers only to 127.0.0.1 and localhost.")
        origin = request.headers.get("origin")
        if origin is not None and origin not in self._origins:
            raise Refused(403, "A page of another site may not use the lab.")
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise Refused(403, "A page of another site may not use the lab.")

    def _check_token(self, request: Handler) -> None:
        given = parse_qs(urlsplit(request.path).query).get("token", [""])[0]
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            raise Refused(403, "The token is wrong. The terminal that runs the demo shows the lab's address.")

    def _stream(self, request: Handler) -> None:
        """Server-sent events: first what has happened so far, then each record as it comes."""
        with self._lock:
            if len(self._streams) >= MOST_STREAMS:
                raise Refused(503, f"{MOST_STREAMS} pages are open. Close one of them.")
            self._streams.add(request.connection)
        self.watch.begin()
        try:
            request.connection.settimeout(SECONDS_TO_WRITE)
            request.send_response(200)
            for name, value in {"Content-Type": "text/event-stream", **GUARD}.items():
                request.send_header(name, value)
            request.end_headers()
            self._write_records(request)
        except OSError:
            pass  # the browser has gone
        finally:
            with self._lock:
                self._streams.discard(request.connection)

    def _write_records(self, request: Handler) -> None:
        last = request.headers.get("last-event-id", "")
        number = int(last) if last.isascii() and last.isdecimal() and len(last) < 10 else 0
        while not self.lab.log.has_ended:
            records = self.lab.log.after(number, SECONDS_BETWEEN_SIGNS)
            lines = [f"id: {record.number}\ndata: {record.text}\n\n" for record in records] or [": still here\n\n"]
            request.wfile.write("".join(lines).encode())
            number = records[-1].number if records else number
        request.wfile.write(b"event: end\ndata: {}\n\n")

    def _refuse(self, request: Handler, refused: Refused) -> None:
        if urlsplit(request.path).path == "/lab/do":
            return self._send(request, refused.status, JSON, json.dumps({"error": str(refused)}).encode())
        return self._send(request, refused.status, "text/plain; charset=utf-8", f"{refused}\n".encode())

    @staticmethod
    def _send(
        request: Handler, status: int, content_type: str, body: bytes, more: Mapping[str, str] | None = None
    ) -> None:
        request.answer(status, content_type, body, {**GUARD, **(more or {})})


@contextmanager
def lab_open(receiver: Receiver, sides: Sequence[Side], clock: Clock) -> Iterator[LabPages]:
    """The lab of a running demo. After the block no endpoint hangs any more, so that the workers end at once."""
    lab = Lab(sides, clock)
    for side in sides:
        side.inbox.heard = partial(lab.heard, side.name)
    pages = LabPages(lab, receiver.url)
    receiver.pages = pages
    try:
        yield pages
    finally:
        receiver.ending.set()
        pages.end()
