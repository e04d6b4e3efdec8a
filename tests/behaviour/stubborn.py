"""Endpoints that no HTTP server would be: they do not accept, do not speak, or never come to the point."""

import contextlib
import socket
import threading
from collections.abc import Iterator


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
    """The port of an endpoint that says `first` and then, every so many seconds, `then`, until its caller leaves."""
    ended = threading.Event()

    def speak(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
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


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
