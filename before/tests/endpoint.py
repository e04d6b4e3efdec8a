"""A small HTTP server on this machine, and the guarded client that calls it."""

import ssl
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
        """The client hangs up on what it does not want: no news."""


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


# Loading the machine's certificates takes longer than a test.
guarded_client = lru_cache(GuardedClient)


def post(url, body=b"{}", allowed=LOOPBACK, client="acme", **headers):
    return guarded_client(allowed).post(url, body, headers, client=client)
