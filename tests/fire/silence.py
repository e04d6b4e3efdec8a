"""A way to PostgreSQL that falls silent: a proxy that goes on taking bytes, and hands none of them on."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit

CHUNK = 65536


class Proxy:
    """`url` leads to the same database, through here. `fall_silent()` is about the connections that are open then."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        user = f"{parts.username}@" if parts.username else ""
        self.url = parts._replace(netloc=f"{user}127.0.0.1:{port}").geturl()
        self._talking = threading.Event()
        self._talking.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """No open connection passes another byte, in either direction; none of them is closed. New ones work."""
        self._talking.clear()
        self._talking = threading.Event()
        self._talking.set()

    def stop(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # stopped
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._server)
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=(source, target, self._talking), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, talking: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            if talking.is_set():
                target.sendall(data)
        if talking.is_set():
            target.shutdown(socket.SHUT_WR)
