"""The guarded HTTP client: one POST to an address that a stranger chose.

It connects only to a checked address, follows no redirect, stores no state of the other side, and reads an answer of
limited size. It always ends within a limited wall-clock time. A connection stays open for the next request to the same
client, so that a client with many deliveries costs one TLS handshake. It is never used for another client's
requests.
"""

import ssl
import time
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from .addresses import Network, is_allowed
from .connections import Connection, connect
from .destinations import Destination, destination_of
from .exchanges import MAX_BODY_BYTES, Exchange
from .idle_connections import IdleConnections
from .logs import get_logger
from .look_ups import LookUps
from .troubles import AddressRefused, BadAnswer, error_name, is_ours
from .watchman import LOOK_SECONDS, Watchman

__all__ = ["MAX_RESPONSE_BYTES", "Answer", "GuardedClient", "host_of", "tls_context"]

log = get_logger(__name__)

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
MAX_RESPONSE_BYTES = MAX_BODY_BYTES
USER_AGENT = "webhooks/1"

_watchman = Watchman()


@dataclass(frozen=True)
class Answer:
    """The answer: `status` is None if no final answer began; `error` is the reason for a failure, None without one.

    `error` is one of timeout, connect, tls, address_refused, too_large, interrupted. `headers` have lower-case names;
    `body` holds at most 64 KiB.
    """

    status: int | None
    headers: Mapping[str, str]
    body: bytes
    error: str | None
    duration_ms: int


class GuardedClient:
    """Sends POST requests. A process has one; many threads may call `post`."""

    def __init__(self, allowed_networks: tuple[Network, ...] = (), descriptors: int | None = None) -> None:
        """`descriptors` is this process's limit of open files; the default is its present soft limit."""
        # One context for the life of the process: loading the CA bundle costs more than a request.
        self._tls = tls_context()
        self._allowed_networks = allowed_networks
        self._look_ups = LookUps()
        self._idle = IdleConnections(descriptors)
        _watchman.look_after(self)

    def reap(self) -> None:
        self._idle.reap()

    def forget(self) -> None:
        self._idle.forget()
        self._look_ups.forget()

    def post(self, url: str, body: bytes, headers: Mapping[str, str], client: Hashable) -> Answer:
        """Posts the bytes once and never raises: a failure is the answer's `error`.

        `client` is the key of the client whose URL this is. Nothing that one client's endpoint sends can reach
        another's attempts: they share no connection, though they may share an address.
        """
        started = time.monotonic()
        deadline = started + TOTAL_SECONDS
        exchange, error = Exchange(), None
        try:
            destination = destination_of(url)
            key = client, destination.scheme, destination.host, destination.port
            connection = self._idle.take(key) or self._connect(client, destination, deadline)
            connection.deadline = deadline
            is_reusable = False
            try:
                _watchman.begin(connection)
                if connection.is_new:
                    self._greet(connection, destination)
                is_reusable = exchange.post(connection, destination.target, _fields(destination, headers, body), body)
            finally:
                _watchman.end(connection)
                # A connection near its deadline is not kept, because the watchman's thread may be about to end it.
                if is_reusable and time.monotonic() < deadline - 2 * LOOK_SECONDS:
                    self._idle.put(key, connection)
                else:
                    self._idle.close(connection)
        except Exception as exception:  # an error from a stranger's server or URL becomes an answer, not a crash
            is_late = time.monotonic() >= deadline and isinstance(exception, (OSError, BadAnswer))
            error = "timeout" if is_late else error_name(exception)
            if error == "interrupted":
                log.error("resources_exhausted", host=host_of(url), exception=str(exception))
        duration_ms = int((time.monotonic() - started) * 1000)
        return Answer(exchange.status, exchange.headers, bytes(exchange.body), error, duration_ms)

    def _connect(self, client: Hashable, destination: Destination, deadline: float) -> Connection:
        """A connection to one of the host's addresses; all of them must be allowed."""
        targets = self._look_ups.targets(client, destination.host, destination.port, deadline)
        for _family, address in targets:
            if not is_allowed(str(address[0]), self._allowed_networks):
                raise AddressRefused(f"{destination.host} has an address that is not allowed")
        self._idle.reserve()
        try:
            try:
                return connect(targets, CONNECT_SECONDS, deadline)
            except OSError as exception:
                if not is_ours(exception):
                    raise
                self._idle.close_all()  # other parts of the process have taken more than was left to them
                return connect(targets, CONNECT_SECONDS, deadline)
        except BaseException:
            self._idle.close(None)
            raise

    def _greet(self, connection: Connection, destination: Destination) -> None:
        if destination.scheme == "https":
            connection.start_tls(self._tls, destination.host)
        if not connection.is_silent():
            raise BadAnswer("the endpoint spoke before it was asked, or hung up")


def tls_context() -> ssl.SSLContext:
    """The verification of endpoints' certificates: the same with every Python.

    The chain, the name and the dates count; every certificate of the system's store ends a chain. Python 3.13 asks
    for the whole profile of RFC 5280, too (an Authority Key Identifier, among others), which many a private CA lacks.
    """
    context = ssl.create_default_context()
    context.verify_flags = ssl.VERIFY_X509_TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    return context


def _fields(destination: Destination, headers: Mapping[str, str], body: bytes) -> Iterable[tuple[str, str]]:
    fields = {
        "Host": destination.authority,
        "Accept-Encoding": "identity",
        "Content-Length": str(len(body)),
        "User-Agent": USER_AGENT,
        **headers,
    }
    return fields.items()


def host_of(url: str) -> str:
    """The URL's host, for logs: paths and queries of a webhook URL often hold a secret."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
