"""The endpoint of every client of a bench: a process of its own that answers fast and notes what arrived when.

A path says how it answers: `/instant/<name>` at once, `/after/<ms>/<name>` so much later, `/never/<name>` not at all.
The standard library only, and no more HTTP than a client that sends `Content-Length` needs: the sink must not be what
limits a measurement.

It ends when its standard input does, so it never outlives the bench.
"""

import asyncio
import json
import sys
import time
from typing import Any

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


class Book:
    """What arrived. A delivery is a path and a `webhook-id`: one event goes to many clients under the same id."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.requests = 0
        self.answered = 0  # deliveries that got an answer, each once
        self.first: dict[str, dict[str, float]] = {}  # monotonic seconds by webhook-id, by path
        self.last: tuple[dict[str, str], str] = {}, ""

    def note(self, path: str, head: bytes, body: bytes) -> bool:
        """Whether it is here for the first time."""
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
        elif how != "never":
            self._answer(is_new)

    def _answer(self, is_new: bool) -> None:
        self._book.answered += is_new
        self._transport.write(ANSWER)

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


if __name__ == "__main__":
    asyncio.run(serve())
