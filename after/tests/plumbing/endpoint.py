"""A small HTTP server on this machine, and the guarded client that calls it."""

import contextlib
import errno
import socket
import ssl
import threading
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from plumbing.addresses import parse_networks
from plumbing.outbound import GuardedClient

LOOPBACK = parse_networks("127.0.0.0/8,::1")


class Server(ThreadingHTTPServer):
    """Answers every request with what `answer` writes, and keeps the requests."""

    daemon_threads = True

    def __init__(self):
        self.requests = []
        self.connections = 0
        self.answer = lambda write: write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        super().__init__(("127.0.0.1", 0), Handler)

    def url(self, path="/hooks", scheme="http", host="127.0.0.1"):
        return f"{scheme}://{host}:{self.server_port}{path}"

    def speak_tls(self, certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request, client_address):
        """Ignores the error if the client hangs up, which is expected."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        self.server.connections += 1
        super().setup()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), body))
        self.server.answer(self.wfile.write)

    def log_message(self, *args):
        """Nothing on stderr."""


class RawEndpoint:
    """Takes connections and does with each what `speak(connection, number)` does; closes it afterwards."""

    def __init__(self, speak, tls=None):
        self.speak, self.tls = speak, tls
        self.connections = 0
        self.open = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}/hooks"

    def wait_until_open(self, count, within=10):
        with self._changed:
            assert self._changed.wait_for(lambda: self.open == count, within), f"{self.open} connections are open"

    def stop(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                if error.errno == errno.EMFILE:
                    continue  # a test has taken this process's descriptors for a moment
                return
            self._count(1)
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection, number):
        try:
            with contextlib.suppress(OSError, ValueError), connection:
                speaking = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
                with speaking:
                    self.speak(speaking, number)
        finally:
            self._count(-1)

    def _count(self, change):
        with self._changed:
            self.open += change
            self.connections += change > 0
            self._changed.notify_all()


def read_request(connection):
    """A whole request's bytes; none if the caller has hung up."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (data := connection.recv(65536)):
            return b""
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


# Loading the machine's certificates takes longer than a test.
guarded_client = lru_cache(GuardedClient)


def post(url, body=b"{}", allowed=LOOPBACK, client="acme", **headers):
    return guarded_client(allowed).post(url, body, headers, client)
