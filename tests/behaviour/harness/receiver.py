"""The other side of a delivery: a real HTTP/1.1 server that answers as a test scripts it and records all it gets."""

import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from .answers import Answer, Gate
from .clock import Clock
from .inbox import Box, Inbox, Received

__all__ = ["Answer", "Gate", "Inbox", "Received", "Receiver"]

# No test lasts this long. An attempt would fail if its idle connection was closed at the same moment.
IDLE_SECONDS = 1200


class Receiver:
    """Listens on a free port of 127.0.0.1. With `tls`, a server-side context, it speaks HTTPS."""

    def __init__(self, clock: Clock, tls: ssl.SSLContext | None = None, ca_file: str = "") -> None:
        self.clock = clock
        self.tls = tls
        self.ca_file = ca_file
        self.changed = threading.Condition()
        self.boxes: dict[str, Box] = {}
        self.connections = 0
        self.ended = threading.Event()
        self._gates: list[Gate] = []
        self._server = _Server(("127.0.0.1", 0), _Connection, self)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def inbox(self, path: str) -> Inbox:
        return Inbox(self, path)

    def answer(self, path: str, *answers: Answer) -> Inbox:
        """Scripts the answers for a path: used in turn, the last repeats. Unscripted paths answer an empty 200."""
        inbox = self.inbox(path)
        inbox.answer(*answers)
        return inbox

    def gate(self) -> Gate:
        """A closed gate for `Answer(gate=…)`; it opens at the test's end at the latest."""
        self._gates.append(Gate())
        return self._gates[-1]

    @property
    def requests(self) -> list[Received]:
        """Everything received since the test began, in the order of arrival."""
        with self.changed:
            return sorted((r for box in self.boxes.values() for r in box.requests), key=lambda r: r.monotonic)

    def clear(self) -> None:
        """Forgets scripts and requests, and ends unfinished answers."""
        with self.changed:
            self.ended.set()
            self.ended = threading.Event()
            self.boxes = {}
            for gate in self._gates:
                gate.open()
            self._gates = []

    def stop(self) -> None:
        self.clear()
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], handler: type, receiver: Receiver) -> None:
        super().__init__(address, handler)
        self.receiver = receiver

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignores clients that hung up or refused the TLS handshake."""


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def setup(self) -> None:
        receiver = self.server.receiver
        self.request.settimeout(IDLE_SECONDS)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receiver.tls:
            self.request = receiver.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        receiver = self.server.receiver
        with receiver.changed:
            receiver.connections += 1
            number = receiver.connections
        count = 0
        while line := self.rfile.readline(65537):
            count += 1
            request = self._read(line, number, count)
            with receiver.changed:
                box = receiver.boxes.setdefault(request.path, Box())
                answer = box.answers[min(box.turn, len(box.answers) - 1)]
                box.turn += 1
                box.in_flight += 1
                box.peak = max(box.peak, box.in_flight)
                box.requests.append(request)
                ended = receiver.ended
                receiver.changed.notify_all()
            try:
                stays_open = self._send(answer, ended)
            finally:
                with receiver.changed:
                    box.in_flight -= 1
                    receiver.changed.notify_all()
            if not stays_open or request.headers.get("connection", "").lower() == "close":
                return

    def _read(self, line: bytes, connection: int, count: int) -> Received:
        method, _, rest = line.decode("latin-1").rstrip("\r\n").partition(" ")
        target, _, version = rest.rpartition(" ")
        headers = []
        while (line := self.rfile.readline(65537)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").rstrip("\r\n").partition(":")
            headers.append((name, value.strip(" \t")))
        fields = {name.lower(): value for name, value in headers}
        if fields.get("transfer-encoding", "").lower() == "chunked":
            body = b"".join(self._chunks())
        else:
            body = self.rfile.read(int(fields.get("content-length", "0")))
        if urlsplit(target).scheme:  # a proxy's absolute form is recorded whole, as a path that no test uses
            target = "proxied:" + target
        now, monotonic = self.server.receiver.clock.now(), time.monotonic()
        return Received(method, target, version, tuple(headers), body, connection, count, now, monotonic)

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(1024).partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline(1024)
        self.rfile.readline(1024)

    def _send(self, answer: Answer, ended: threading.Event) -> bool:
        """Sends the answer. Returns whether the connection stays open."""
        if answer.gate:
            answer.gate.wait()
        self.request.sendall(answer.hints())
        if answer.delay and ended.wait(answer.delay):
            return False
        if answer.instead == "reset":
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if answer.instead:
            return False
        if answer.raw is not None:
            self.request.sendall(answer.raw)
            return False
        if answer.stray:  # in one write, so that it arrives before the next request, even if this thread has to wait
            self.request.sendall(answer.head() + b"".join(answer.chunks()) + answer.stray)
            return answer.leaves_open
        if not self._drip(answer.head(), answer.header_drip, ended):
            return False
        for chunk in answer.chunks():
            if not self._drip(chunk, answer.body_drip, ended):
                return False
        return answer.leaves_open

    def _drip(self, data: bytes, pause: float, ended: threading.Event) -> bool:
        if not pause:
            self.request.sendall(data)
            return not ended.is_set()
        for byte in data:
            self.request.sendall(bytes([byte]))
            if ended.wait(pause):
                return False
        return True

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            pass  # the connection was reset
