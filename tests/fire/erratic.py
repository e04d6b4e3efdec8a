"""An endpoint that says more than it was asked, and that remembers which requests it has acknowledged."""

import random
import select
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

VERDICTS = {
    200: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    500: b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno",
}
INTERIM = (
    b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
    b"HTTP/1.1 102 Processing\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
)
# A request this soon after a stray answer was already sent, so its sender cannot know that the answer is stray.
CROSSING = 0.25


class ErraticEndpoint:
    """Answers `/erratic` in every way that HTTP has, and `/steady` plainly; both by chance, until `is_kind`."""

    def __init__(self, seed: int) -> None:
        self.is_kind = False
        self.acknowledged: defaultdict[str, set[str]] = defaultdict(set)
        self.ways: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        stray, stray_at = 0, 0.0
        with suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while request := _request(connection):
                path, event = request
                if stray and time.monotonic() - stray_at < CROSSING:
                    self._note(path, event, stray, "crossed")
                    return
                way, verdict, pause = self._chosen(path)
                self._note(path, event, verdict, way)
                stray, stray_at = self._answer(connection, way, verdict, pause), time.monotonic()

    def _chosen(self, path: str) -> tuple[str, int, float]:
        with self._lock:
            if self.is_kind:
                return "plain", 200, 0
            ways = ("plain", "interim", "interims", "behind", "later") if path == "/erratic" else ("plain",)
            return self._random.choice(ways), self._random.choice((200, 500)), self._random.random() / 20

    def _note(self, path: str, event: str, verdict: int, way: str) -> None:
        with self._lock:
            self.ways[way] += 1
            if verdict == 200:
                self.acknowledged[path].add(event)

    def _answer(self, connection: socket.socket, way: str, verdict: int, pause: float) -> int:
        """Sends the answer, and returns the status of the stray answer if it sent one, too."""
        other = 700 - verdict
        if way in ("interim", "interims"):
            connection.sendall(INTERIM[0] if way == "interim" else b"".join(INTERIM))
            time.sleep(pause)
        if way == "behind":
            connection.sendall(VERDICTS[verdict] + VERDICTS[other])
            return 0
        connection.sendall(VERDICTS[verdict])
        if way == "later" and not select.select([connection], [], [], pause / 5)[0]:
            connection.sendall(VERDICTS[other])
            return other
        return 0


@contextmanager
def erratic_endpoint(seed: int) -> Iterator[ErraticEndpoint]:
    endpoint = ErraticEndpoint(seed)
    try:
        yield endpoint
    finally:
        endpoint.stop()


def _request(connection: socket.socket) -> tuple[str, str] | None:
    """The path and the webhook-id of a complete request; None if the caller has hung up."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (data := connection.recv(65536)):
            return None
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(fields["content-length"]):
        body += connection.recv(65536)
    return first.split()[1], fields["webhook-id"]
