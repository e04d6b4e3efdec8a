"""A connection to an endpoint: bytes out and bytes in, plain or in TLS, each wait bounded by the attempt's deadline.

TLS runs over buffers in memory, so that this module reads the socket itself: it counts what comes before OpenSSL sees
it, and a server that floods records keeps no call inside OpenSSL.
"""

import select
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from .look_ups import Target
from .troubles import TooLarge, is_ours

READ_BYTES = 16 * 1024
# The most bytes on the wire for one answer: twice the bytes read of it, so that honest framing has room.
MAX_WIRE_BYTES = 256 * 1024
# To read an answer costs some 0.1 ms of CPU. An answer that costs more (thousands of chunks, of interim answers or of
# packets with one byte) is read so slowly that its thread takes a hundredth of a CPU.
FREE_CPU_SECONDS = 0.0005
CPU_SHARE = 0.01


class Connection:
    """For one thread at a time; only `shut_down` may be called from another thread."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self.deadline = deadline
        self.is_new = True
        self._socket = connected
        self._lock = threading.Lock()
        self._is_closed = False
        self._readable = select.poll()
        self._readable.register(connected, select.POLLIN)
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._early = b""
        self._wire_bytes = 0
        self._reading_since = self._cpu_at_start = 0.0

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Raises ssl.SSLError if the other side speaks no TLS or its certificate is not for this host."""
        name = host.partition("%")[0].rstrip(".")
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._wire_bytes = 0
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._take_in(self._receive_raw())
            except ssl.SSLError:
                with suppress(OSError):
                    self._flush()  # sends the reason to the other side
                raise
            else:
                break
        self._flush()

    def send(self, data: bytes) -> bool:
        """Sends everything. Returns False if the other side answers or hangs up earlier."""
        if self._tls is None:
            return self._send_raw(data)
        self._tls.write(data)
        return self._flush()

    def begin_reading(self) -> None:
        """Counts the received bytes from here on: they may be one answer and no more."""
        self.is_new = False
        self._wire_bytes = 0
        self._reading_since, self._cpu_at_start = time.monotonic(), time.thread_time()

    def receive(self) -> bytes:
        """The next bytes, at most 16 KiB, or none at the end. Raises TooLarge, or TimeoutError at the deadline."""
        if self._early:
            early, self._early = self._early, b""
            return early
        while True:
            self.pay_for_cpu()
            if self._tls is None:
                return self._receive_raw()
            try:
                return self._tls.read(READ_BYTES)
            except ssl.SSLWantReadError:
                self._flush()
                self._take_in(self._receive_raw())
            except ssl.SSLEOFError:  # an end without TLS's goodbye: HTTP says whether something is missing
                return b""

    def pay_for_cpu(self) -> None:
        """Waits until this answer's CPU time is only a hundredth of its wall-clock time."""
        used = time.thread_time() - self._cpu_at_start - FREE_CPU_SECONDS
        if used <= 0:
            return
        now = time.monotonic()
        owed = used / CPU_SHARE - (now - self._reading_since)
        if owed > 0:
            time.sleep(max(min(owed, self.deadline - now), 0))

    def is_silent(self) -> bool:
        """Whether the other side is still there and has sent no unrequested bytes."""
        try:
            has_come = bool(self._readable.poll(0))
            if self._tls is None:
                return not has_come
            if has_come:
                self._take_in(self._socket.recv(READ_BYTES))
            elif not self._incoming.pending and not self._tls.pending():
                return True
            self._tls.read(1)  # session tickets and the like are no answer
        except ssl.SSLWantReadError:
            return True
        except OSError:
            return False
        return False

    def fileno(self) -> int:
        return self._socket.fileno()

    def shut_down(self) -> None:
        """Ends the connection while a thread uses it; the thread then sees its end. The descriptor stays open."""
        with self._lock:
            if not self._is_closed:
                with suppress(OSError):  # the other side may be quicker
                    self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:  # so that `shut_down` never meets the descriptor's next owner
            self._is_closed = True
            self._socket.close()

    def _send_raw(self, data: bytes) -> bool:
        left = memoryview(data)
        while left:
            try:
                left = left[self._socket.send(left) :]
            except BlockingIOError:
                events = _wait(self._socket, select.POLLIN | select.POLLOUT, self.deadline)
                if events != select.POLLOUT and self._answer_has_begun():
                    return False
            except (BrokenPipeError, ConnectionResetError):
                return False  # it may have answered before it hung up
        return True

    def _answer_has_begun(self) -> bool:
        if self._tls is None:
            return True
        self._take_in(self._receive_raw())
        try:
            self._early = self._tls.read(READ_BYTES)
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:
            return True
        return True

    def _flush(self) -> bool:
        return not self._outgoing.pending or self._send_raw(self._outgoing.read())

    def _receive_raw(self) -> bytes:
        while True:
            remaining = self.deadline - time.monotonic()
            if remaining <= 0 or not self._readable.poll(remaining * 1000 + 1):
                raise TimeoutError("the attempt's time is up")
            try:
                data = self._socket.recv(READ_BYTES)
            except BlockingIOError:
                continue
            if not data and time.monotonic() >= self.deadline:  # the watchman's end of it, and no end of a body
                raise TimeoutError("the attempt's time is up")
            self._wire_bytes += len(data)
            if self._wire_bytes > MAX_WIRE_BYTES:
                raise TooLarge("more came over the wire than an answer of the largest size needs")
            return data

    def _take_in(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()


def connect(targets: Sequence[Target], within: float, deadline: float) -> Connection:
    """A connection to the first target that answers; all of them share the seconds. Raises OSError."""
    gives_up_at = min(time.monotonic() + within, deadline)
    failure: OSError = OSError("the name has no address")
    for position, (family, address) in enumerate(targets):
        # A dead first address leaves time for the next ones.
        now = time.monotonic()
        share = now + max((gives_up_at - now) / (len(targets) - position), 0.001)
        connected = socket.socket(family, socket.SOCK_STREAM)
        try:
            connected.setblocking(False)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                connected.connect(address)
            except BlockingIOError:
                _wait(connected, select.POLLOUT, share)
                if number := connected.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    raise OSError(number, "no connection") from None
        except OSError as exception:
            connected.close()
            if is_ours(exception):
                raise
            failure = exception
        else:
            return Connection(connected, deadline)
    raise failure


def _wait(waiting: socket.socket, events: int, deadline: float) -> int:
    """The events on the socket. Raises TimeoutError at the deadline."""
    poll = select.poll()
    poll.register(waiting, events)
    remaining = deadline - time.monotonic()
    found = poll.poll(remaining * 1000 + 1) if remaining > 0 else []
    if not found:
        raise TimeoutError("the time for it is up")
    return found[0][1]
