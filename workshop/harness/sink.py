"""The receiver of measured deliveries: a process of its own that answers fast and notes each arrival.

The path chooses the answer: `/instant/<name>` answers at once, `/after/<ms>/<name>` after that time, `/never/<name>`
not at all, `/hooks/<slug>` as that client of the demo. It supports only the HTTP of a client that sends
`Content-Length`, because the sink must not limit a measurement. It ends with its standard input, so it never outlives
the command that started it.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from workshop import ROOT
from workshop.base import setup
from workshop.base.problems import CommandFailed
from workshop.harness.clients import CLIENTS, Answer

SECONDS_TO_STOP = 5
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


def _written(answer: Answer) -> bytes:
    length = "" if answer.status == 204 else f"Content-Length: {len(answer.body)}\r\n"
    return f"HTTP/1.1 {answer.status} Answer\r\n{length}\r\n{answer.body}".encode()


ACKNOWLEDGES = {client.slug: _written(client.acknowledges) for client in CLIENTS}


class Book:
    """The arrivals. A delivery is a path and a `webhook-id`: one event goes to many clients under the same id."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.requests = 0
        self.answered = 0  # deliveries that got an answer, each once
        self.first: dict[str, dict[str, float]] = {}  # monotonic seconds by webhook-id, by path
        self.last: tuple[dict[str, str], str] = {}, ""

    def note(self, path: str, head: bytes, body: bytes) -> bool:
        """Whether this is its first arrival."""
        arrived_at = time.monotonic()
        self.requests += 1
        headers = headers_of(head)
        self.last = headers, body.decode("latin-1")
        seen, delivery = self.first.setdefault(path, {}), headers.get("webhook-id", "")
        if delivery in seen:
            return False
        seen[delivery] = arrived_at
        return True


def headers_of(head: bytes) -> dict[str, str]:
    """The header fields under their names in lower case."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


class Connection(asyncio.Protocol):
    """One kept-alive connection. POST is a delivery; GET and DELETE are the bench's own questions."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            length = int(headers_of(head).get("content-length", 0))
            if len(rest) < length:
                return
            self._received = rest[length:]
            method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
            if method == "POST":
                self._deliver(path, head, rest[:length])
            else:
                self._tell(method, path)

    def _deliver(self, path: str, head: bytes, body: bytes) -> None:
        is_new = self._book.note(path, head, body)
        how, *rest = path.strip("/").split("/")
        if how == "after":
            asyncio.get_running_loop().call_later(int(rest[0]) / 1000, self._answer, is_new)
        elif how == "hooks":
            self._answer(is_new, ACKNOWLEDGES[rest[0]])
        elif how != "never":
            self._answer(is_new)

    def _answer(self, is_new: bool, answer: bytes = ANSWER) -> None:
        self._book.answered += is_new
        self._transport.write(answer)

    def _tell(self, method: str, path: str) -> None:
        if method == "DELETE":
            self._book.clear()
        told: dict[str, Any] = {
            "/count": {"at": time.monotonic(), "answered": self._book.answered, "requests": self._book.requests},
            "/arrivals": self._book.first,
            "/last": self._book.last,
        }
        content = json.dumps(told.get(path)).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self._transport.write(head.encode() + content)


async def serve() -> None:
    """Prints the port, then serves until standard input ends."""
    book = Book()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(book), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@dataclass(frozen=True)
class Count:
    """The number of answered deliveries, each counted once, and of requests, at a time of the monotonic clock."""

    at: float
    answered: int
    requests: int


class Sink:
    """The sink, as seen from the command that started it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._http = urllib3.PoolManager(maxsize=1, retries=False, timeout=20)

    def clear(self) -> None:
        """Forgets all arrivals until now."""
        self._ask("DELETE", "/")

    def count(self) -> Count:
        return Count(**self._ask("GET", "/count"))

    def arrivals(self, path: str) -> dict[str, float]:
        """The first arrival of each webhook-id at this path, in seconds of the monotonic clock."""
        return dict(self._ask("GET", "/arrivals").get(path, {}))

    def last(self) -> tuple[dict[str, str], bytes]:
        """Headers and body of the latest delivery."""
        headers, body = self._ask("GET", "/last")
        return headers, body.encode("latin-1")

    def _ask(self, method: str, path: str) -> Any:
        return self._http.request(method, self.url + path).json()


@contextmanager
def sink() -> Iterator[Sink]:
    """A sink in a process of its own, which ends with the block."""
    pipe = subprocess.PIPE
    command = [str(setup.interpreter()), "-m", "workshop.harness.sink"]
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, start_new_session=True) as process:
        assert process.stdin and process.stdout
        try:
            port = process.stdout.readline()
            if not port:
                raise CommandFailed("The sink did not start.")
            yield Sink(int(port))
        finally:
            process.stdin.close()
            try:
                process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()


if __name__ == "__main__":
    asyncio.run(serve())
