"""The guarded HTTP client: one POST to an address that a stranger chose.

It connects only to an address that was checked, follows nothing, keeps no state of the other side, reads a bounded
body, and ends within a bounded wall-clock time however slowly the other side drips. Connections are kept open and
shared between threads, so a client that takes many deliveries costs one TLS handshake.
"""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from .addresses import Network, is_allowed

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
MAX_RESPONSE_BYTES = 64 * 1024
IDLE_CONNECTIONS_PER_HOST = 100  # many clients may have theirs at one host, as those of a chat service have
HOSTS_WITH_IDLE_CONNECTIONS = 200
USER_AGENT = "webhooks/1"


@dataclass(frozen=True)
class Answer:
    """What came back: `status` is None where no response began; `error` names what stopped it, None if nothing did.

    `error` is one of timeout, connect, tls, address_refused, too_large. `headers` have lower-case names; `body` holds
    at most 64 KiB.
    """

    status: int | None
    headers: Mapping[str, str]
    body: bytes
    error: str | None
    duration_ms: int


class AddressRefused(Exception):
    """The name, or one of its addresses, is not one that may be called."""


class GuardedClient:
    """Sends POST requests. One for a process; `post` may be called from many threads."""

    def __init__(self, allowed_networks: tuple[Network, ...] = ()) -> None:
        # One context for the life of the process: loading the CA bundle costs more than a request.
        context = ssl.create_default_context()
        context.sslsocket_class = _DeadlineTLSSocket
        self._pools = urllib3.PoolManager(
            num_pools=HOSTS_WITH_IDLE_CONNECTIONS,
            maxsize=IDLE_CONNECTIONS_PER_HOST,
            retries=False,
            ssl_context=context,
        )
        self._pools.pool_classes_by_scheme = {
            "http": _guarded(HTTPConnectionPool, HTTPConnection, allowed_networks),
            "https": _guarded(HTTPSConnectionPool, HTTPSConnection, allowed_networks),
        }

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Posts the bytes once and never raises: what goes wrong is the answer's `error`."""
        started = time.monotonic()
        _attempt.deadline = started + TOTAL_SECONDS
        status, received_headers, received, error = None, {}, b"", None
        try:
            response = self._pools.urlopen(
                "POST",
                url,
                body=body,
                headers={"User-Agent": USER_AGENT, **headers},
                redirect=False,
                retries=False,
                timeout=TOTAL_SECONDS,
                preload_content=False,
                decode_content=False,
            )
            try:
                status = response.status
                received_headers = {name.lower(): value for name, value in response.headers.items()}
                # To the end, not once: only the read after the last byte notices that there should have been more.
                while len(received) <= MAX_RESPONSE_BYTES and (
                    chunk := response.read(MAX_RESPONSE_BYTES + 1 - len(received))
                ):
                    received += chunk
                if len(received) > MAX_RESPONSE_BYTES:
                    received, error = received[:MAX_RESPONSE_BYTES], "too_large"
            finally:
                # A body read to its end has given its connection back already; this ends all others.
                response.close()
        except Exception as exception:  # whatever a stranger's server or URL provokes is an answer, not a crash
            error = _error_name(exception)
        duration_ms = int((time.monotonic() - started) * 1000)
        return Answer(status, received_headers, received, error, duration_ms)


_attempt = threading.local()


def _remaining() -> float:
    remaining = _attempt.deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError("the attempt's time is up")
    return float(remaining)


class _Deadline:
    """Gives each wait on a socket only what is left of the attempt, so that a drip cannot restart the time limit."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_remaining())  # type: ignore[attr-defined]
        return super().recv_into(*args, **kwargs)  # type: ignore[misc]

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(_remaining())  # type: ignore[attr-defined]
        super().sendall(*args, **kwargs)  # type: ignore[misc]

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_remaining())  # type: ignore[attr-defined]
        return super().send(*args, **kwargs)  # type: ignore[misc]


class _DeadlineSocket(_Deadline, socket.socket):
    pass


class _DeadlineTLSSocket(_Deadline, ssl.SSLSocket):
    pass


def _guarded(pool_class: type, connection_class: type, allowed_networks: tuple[Network, ...]) -> type:
    """The pool class whose connections go to checked addresses only."""

    def _new_conn(self: HTTPConnection) -> socket.socket:
        return _connect(self._dns_host, self.port, allowed_networks)

    guarded = type(f"Guarded{connection_class.__name__}", (connection_class,), {"_new_conn": _new_conn})
    return type(f"Guarded{pool_class.__name__}", (pool_class,), {"ConnectionCls": guarded})


def _connect(host: str, port: int, allowed_networks: tuple[Network, ...]) -> socket.socket:
    """A socket to one of the host's addresses, the first that answers; all of them share five seconds."""
    targets = _look_up(host.strip("[]"), port)
    for _family, target in targets:
        if not is_allowed(str(target[0]), allowed_networks):
            raise AddressRefused(f"{host} has an address that is not allowed")
    deadline = time.monotonic() + min(CONNECT_SECONDS, _remaining())
    failure: OSError = OSError(f"{host} has no address")
    for position, (family, target) in enumerate(targets):
        # A dead first address leaves time for the next ones.
        share = (deadline - time.monotonic()) / (len(targets) - position)
        connection = _DeadlineSocket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(max(share, 0.001))
            connection.connect(target)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(_remaining())
        except OSError as exception:
            connection.close()
            failure = exception
        else:
            return connection
    raise failure


def _look_up(host: str, port: int) -> list[tuple[int, Any]]:
    """The host's addresses, in the resolver's order and each once; bounded by what is left of the attempt.

    `getaddrinfo` takes no time limit, so it runs in a thread of its own; one that hangs is left behind.
    """
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as exception:
            found.append(exception)

    thread = threading.Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(_remaining())
    if thread.is_alive():
        raise TimeoutError(f"no address for {host} in time")
    if found and isinstance(found[0], Exception):
        raise found[0]
    return list(dict.fromkeys((family, target) for family, _, _, _, target in found))


def _error_name(exception: BaseException | None) -> str:
    """The attempt's error for an exception of urllib3 or of a socket, looking through the wrapped ones."""
    while exception is not None:
        if isinstance(exception, AddressRefused):
            return "address_refused"
        if isinstance(exception, (TimeoutError, urllib3.exceptions.TimeoutError)):
            return "timeout"
        if isinstance(exception, (ssl.SSLError, ssl.CertificateError, urllib3.exceptions.SSLError)):
            return "tls"
        inner = exception.__cause__ or exception.__context__
        wrapped = [argument for argument in exception.args if isinstance(argument, BaseException)]
        exception = wrapped[0] if wrapped else inner
    return "connect"


def host_of(url: str) -> str:
    """The URL's host, for logs: paths and queries of a webhook URL often hold a secret."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
