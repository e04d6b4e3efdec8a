"""One request and its answer over a connection, in HTTP/1.1 of RFC 9112; h11 reads the protocol."""

import re
from collections.abc import Iterable, Sequence

import h11

from .connections import Connection
from .troubles import BadAnswer, TooLarge

MAX_BODY_BYTES = 64 * 1024
# All bytes outside the body: header lines, also of interim answers and trailers, and the frames of chunks.
MAX_HEADER_BYTES = 64 * 1024
MAX_HEADER_LINES = 100
SWITCHING_PROTOCOLS = 101
EVENTS_BETWEEN_PAYMENTS = 32
PROTOCOL = b"HTTP/1."
STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9]{2})(?= |\r|\n)")

Headers = Iterable[tuple[str, str]]


class Exchange:
    """`post` fills in `status`, `headers` and `body`, as far as they were received, even if it raises."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=2 * MAX_HEADER_BYTES)
        self._received = 0

    def post(self, connection: Connection, target: str, headers: Headers, body: bytes) -> bool:
        """Sends the request and reads its final answer; interim ones (1xx) are passed over.

        Returns whether the connection may serve another request: only after a complete answer with no byte behind it.
        Raises BadAnswer, TooLarge, and what the connection raises.
        """
        sent_whole = connection.send(self._request(target, headers, body))
        connection.begin_reading()
        try:
            self._read(connection)
        except h11.RemoteProtocolError as error:
            raise BadAnswer(str(error)) from error
        except (BadAnswer, TooLarge):
            self._note_status(self._buffered())
            raise
        finally:
            connection.pay_for_cpu()
        done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        # Two lengths in one answer are how responses are smuggled (RFC 9112, section 6.3).
        is_plain = not {"content-length", "transfer-encoding"} <= self.headers.keys()
        return sent_whole and done and is_plain and not self._buffered()

    def _request(self, target: str, headers: Headers, body: bytes) -> bytes:
        parts: Sequence[bytes | None] = (
            self._http.send(h11.Request(method="POST", target=target, headers=list(headers))),
            self._http.send(h11.Data(data=body)),
            self._http.send(h11.EndOfMessage()),
        )
        return b"".join(part for part in parts if part)

    def _read(self, connection: Connection) -> None:
        events = 0
        while True:
            event = self._next_event()
            if event is h11.PAUSED:
                return
            if event is h11.NEED_DATA:
                self._refuse_another_protocol()
                self._refuse_a_flood()
                data = connection.receive()
                self._received += len(data)
                if not data and self._http.trailing_data[1]:
                    raise BadAnswer("the answer ends too early")
                self._http.receive_data(data)
                continue
            events += 1
            if events % EVENTS_BETWEEN_PAYMENTS == 0:
                connection.pay_for_cpu()
            if isinstance(event, h11.Response):
                self._take_head(event)
            elif isinstance(event, h11.InformationalResponse):
                self._refuse_a_long_head(event.headers.raw_items())
            elif isinstance(event, h11.Data):
                self.body += event.data
                if len(self.body) > MAX_BODY_BYTES:
                    del self.body[MAX_BODY_BYTES:]
                    raise TooLarge(f"the body has more than {MAX_BODY_BYTES} bytes")
            elif isinstance(event, h11.EndOfMessage):
                self._refuse_a_long_head(event.headers.raw_items())
                return
            else:
                raise BadAnswer("the connection ended without an answer")

    def _next_event(self) -> "h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]":
        if self._http.their_state is not h11.SEND_RESPONSE:
            return self._http.next_event()
        head = self._buffered()
        try:
            return self._http.next_event()
        except h11.RemoteProtocolError:
            self._note_status(head)
            if self.status == SWITCHING_PROTOCOLS:  # nobody asked for another protocol
                return h11.PAUSED
            raise

    def _take_head(self, response: h11.Response) -> None:
        self.status = response.status_code
        for name, value in response.headers:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text
        self._refuse_a_long_head(response.headers.raw_items())

    def _refuse_a_long_head(self, lines: Sequence[tuple[bytes, bytes]]) -> None:
        if len(lines) > MAX_HEADER_LINES or self._received - len(self._buffered()) > self._most():
            raise TooLarge("the answer has too many or too long header lines")

    def _refuse_a_flood(self) -> None:
        """The received bytes make no further event, so all bytes outside the body are header lines or framing."""
        buffered = self._buffered()
        if self._received > self._most() or buffered.count(b"\n") > MAX_HEADER_LINES + 1:
            raise TooLarge("the answer has too many or too long header lines")

    def _most(self) -> int:
        return MAX_HEADER_BYTES + len(self.body)

    def _refuse_another_protocol(self) -> None:
        """The first bytes show whether the server speaks another protocol, in which it may wait for us for ever."""
        begun = self._buffered() if self._http.their_state is h11.SEND_RESPONSE else b""
        if not (begun.startswith(PROTOCOL) or PROTOCOL.startswith(begun)):
            raise BadAnswer("the answer is not in HTTP/1.1")
        if b"\n" in begun and not STATUS_LINE.match(begun):
            raise BadAnswer("the answer has no status")

    def _note_status(self, head: bytes) -> None:
        """An answer that has begun has a status, even if the rest of it is broken."""
        found = STATUS_LINE.match(head)
        if self.status is None and found and (found[1] >= b"200" or int(found[1]) == SWITCHING_PROTOCOLS):
            self.status = int(found[1])

    def _buffered(self) -> bytes:
        return self._http.trailing_data[0]
