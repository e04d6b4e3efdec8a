"""Endpoints that do not behave like HTTP servers: they do not accept, do not answer, or never finish."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """The port of an endpoint that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


@contextlib.contextmanager
def full(*addresses: str) -> Iterator[int]:
    """A port at which none of these addresses takes another connection: their queues are full."""
    with contextlib.ExitStack() as opened:
        port = 0
        for address in addresses:
            listener = opened.enter_context(socket.socket())
            listener.bind((address, port))
            listener.listen(0)
            port = listener.getsockname()[1]
            for _ in range(4):
                waiting = opened.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex((address, port))
            with contextlib.suppress(TimeoutError):
                socket.create_connection((address, port), 0.2).close()
                raise AssertionError(f"{address} takes connections although its queue is full")
        yield port


@contextlib.contextmanager
def dripping(first: bytes, then: bytes, every: float) -> Iterator[int]:
    """The port of an endpoint that answers `first`, and then `then` again and again, until its caller hangs up."""
    ended = threading.Event()

    def speak(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)  # bytes before the request are no answer to it
            connection.sendall(first)
            while not ended.wait(every):
                connection.sendall(then)

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=speak, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def scripted(speak: Callable[[socket.socket, bytes], object], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of an endpoint that, for each request's first line, does on the connection what `speak` does."""

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            speaking = tls.wrap_socket(connection, server_side=True) if tls else connection
            with speaking:
                while first_line := read_request(speaking):
                    speak(speaking, first_line)

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        threading.Thread(target=listen, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def read_request(connection: socket.socket) -> bytes:
    """Reads a whole request and returns its first line; nothing if the caller has hung up."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (data := connection.recv(65536)):
            return b""
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head.split(b"\r\n")[0]


def free_port() -> int:
    """A port on which no process listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
