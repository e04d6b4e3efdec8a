"""The guarded HTTP client against endpoints that break HTTP, on purpose or not."""

import os
import resource
import socket
import ssl
import threading
import time
from types import SimpleNamespace

import pytest

from plumbing import connections, idle_connections, outbound
from plumbing.connections import Connection
from plumbing.exchanges import MAX_HEADER_BYTES, MAX_HEADER_LINES
from plumbing.idle_connections import bounds
from plumbing.outbound import MAX_RESPONSE_BYTES, GuardedClient

from .endpoint import LOOPBACK, RawEndpoint, post, read_request
from .test_outbound_guard import self_signed

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REFUSED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
PATIENCE = 10.0  # seconds until a test fails if nothing happens


@pytest.fixture
def endpoint():
    """`endpoint(speak)`: a raw endpoint that lives as long as the test."""
    started = []

    def start(speak, tls=None):
        started.append(RawEndpoint(speak, tls))
        return started[-1]

    yield start
    for endpoint in started:
        endpoint.stop()


@pytest.fixture
def http():
    return GuardedClient(LOOPBACK)


def answering(*answers):
    """Answers the requests of a connection with these bytes in turn, the last for ever."""

    def speak(connection, number):
        waiting = list(answers)
        while read_request(connection):
            connection.sendall(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    return speak


def flooding(first, more):
    """Answers with the first part and then with more and more, until the other side hangs up."""

    def speak(connection, number):
        read_request(connection)
        connection.sendall(first)
        while True:
            connection.sendall(more * (65536 // len(more) + 1))

    return speak


def outcome(answer):
    return answer.status, answer.error


# An answer belongs to its request


@pytest.mark.parametrize("interim", [INTERIM, b"HTTP/1.1 102 Processing\r\n\r\n", INTERIM * 3])
def test_an_interim_answer_is_passed_over(endpoint, http, interim):
    asked = threading.Event()

    def speak(connection, number):
        while read_request(connection):
            connection.sendall(interim)
            asked.wait(0.2)
            connection.sendall(REFUSED)

    there = endpoint(speak)

    answers = [http.post(there.url, b"{}", {}, "acme") for _ in range(3)]

    assert [outcome(answer) for answer in answers] == [(500, None)] * 3
    assert there.connections == 1


def test_a_switch_to_another_protocol_is_refused(endpoint):
    there = endpoint(answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"))

    assert outcome(post(there.url)) == (101, None)


@pytest.mark.parametrize(
    "first",
    [
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        OK + b"\r\n",
        OK[:-2] + b"okx",
        b"HTTP/1.1 204 No Content\r\n\r\nok",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok",
        CHUNKED[:-2] + b"Content-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
)
def test_a_connection_with_a_byte_left_over_is_not_used_again(endpoint, http, first):
    there = endpoint(lambda connection, number: answering(first if number == 1 else REFUSED)(connection, number))

    answers = [http.post(there.url, b"{}", {}, "acme") for _ in range(2)]

    assert [answer.error for answer in answers] == [None, None]
    assert answers[1].status == 500
    assert there.connections == 2


@pytest.mark.parametrize("stray", [OK, b"HTTP/1.1 408 Request Timeout\r\n\r\n", b""], ids=["200", "408", "its end"])
def test_what_comes_between_two_requests_ends_the_connection(endpoint, http, stray):
    came = threading.Event()

    def speak(connection, number):
        read_request(connection)
        connection.sendall(REFUSED)
        if number == 1:
            connection.sendall(stray) if stray else connection.shutdown(socket.SHUT_WR)
            came.set()
        read_request(connection)

    there = endpoint(speak)

    answers = [http.post(there.url, b"{}", {}, "acme")]
    assert came.wait(PATIENCE)
    answers.append(http.post(there.url, b"{}", {}, "acme"))

    assert [outcome(answer) for answer in answers] == [(500, None)] * 2
    assert there.connections == 2


def test_clients_at_one_address_share_no_connection(endpoint, http):
    there = endpoint(answering(OK))

    for client in ("acme", "globex", "acme", "globex"):
        http.post(there.url, b"{}", {}, client)

    assert there.connections == 2


def test_an_endpoint_that_speaks_first_has_not_answered(endpoint):
    def speak(connection, number):
        connection.sendall(OK)
        read_request(connection)

    # Bytes that come after the request was sent count as its answer, so here they may come a moment too late.
    answers = {outcome(post(endpoint(speak).url)) for _ in range(20)}

    assert answers <= {(None, "connect"), (200, None)}


def test_an_answer_before_the_request_was_read_counts(endpoint):
    def speak(connection, number):
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.recv(1)  # and then stops reading, while the other side fills its buffers
        done.wait(PATIENCE)

    done = threading.Event()
    try:
        answer = post(endpoint(speak).url, bytes(30_000_000))
    finally:
        done.set()

    assert outcome(answer) == (413, None)
    assert answer.duration_ms < PATIENCE * 1000


# Bounds


def with_lines(count, line=b"X: y\r\n"):
    return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + line * (count - 1) + b"\r\n"


def with_header_bytes(count):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: %s\r\n\r\n"
    return head % (b"y" * (count - len(head) + 2))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (with_lines(MAX_HEADER_LINES), None),
        (with_lines(MAX_HEADER_LINES + 1), "too_large"),
        (with_lines(5000), "too_large"),
        (with_header_bytes(MAX_HEADER_BYTES), None),
        (with_header_bytes(MAX_HEADER_BYTES + 1), "too_large"),
        (INTERIM + with_header_bytes(MAX_HEADER_BYTES - 1), "too_large"),
        (with_header_bytes(1_000_000), "too_large"),
        (CHUNKED + b"1\r\nx\r\n0\r\n" + b"X: y\r\n" * 101 + b"\r\n", "too_large"),
        (CHUNKED + b"1;%s\r\nx\r\n0\r\n\r\n" % (b"y" * MAX_HEADER_BYTES), "too_large"),
    ],
)
def test_header_lines_are_bounded_and_the_status_is_kept(endpoint, answer, error):
    assert outcome(post(endpoint(answering(answer)).url)) == (200, error)


@pytest.mark.parametrize(
    ("first", "more", "expected"),
    [
        (CHUNKED + b"-1\r\n", b"x", (200, "connect")),
        (CHUNKED + b"+1\r\n", b"x", (200, "connect")),
        (CHUNKED + b"0x1\r\n", b"x", (200, "connect")),
        (CHUNKED + b"ffffffffffffffff\r\n", b"x", (200, "too_large")),
        (CHUNKED, b"1;%s\r\nx\r\n" % (b"y" * 200), (200, "too_large")),
        (CHUNKED + b"1;", b"x", (200, "too_large")),
        (CHUNKED + b"0\r\n", b"X: y\r\n", (200, "too_large")),
        (b"HTTP/1.1 503 No\r\nContent-Length: 9999999999999999999\r\n\r\n", b"x", (503, "too_large")),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", (200, "too_large")),
        (b"HTTP/1.1 200 OK\r\nX: y\r\n", b" folded\r\n", (200, "too_large")),
        (b"", b"HTTP/1.1 100 Continue\r\nX: %s\r\n\r\n" % (b"y" * 1000), (None, "too_large")),
        (b"", b"\0", (None, "connect")),
        (b"", b"\r\n", (None, "connect")),
        (b"HTTP/1.1 200 ", b"x", (200, "too_large")),
    ],
)
def test_a_flood_ends(endpoint, first, more, expected):
    there = endpoint(flooding(first, more))

    answer = post(there.url)

    assert outcome(answer) == expected
    assert len(answer.body) <= MAX_RESPONSE_BYTES
    there.wait_until_open(0)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok", (200, "connect")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", (200, "connect")),
        (b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", (200, "connect")),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", (200, None)),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", (200, None)),
        (b"<html>an answer of HTTP 0.9</html>\n", (None, "connect")),
        (b"HTTP/2 200\r\n\r\n", (None, "connect")),
    ],
)
def test_an_answer_out_of_order(endpoint, answer, expected):
    assert outcome(post(endpoint(answering(answer)).url)) == expected


def test_an_answer_that_costs_cpu_is_read_slowly(endpoint):
    there = endpoint(answering(CHUNKED + b"1\r\nx\r\n" * 1000 + b"0\r\n\r\n"))

    began = time.thread_time()
    answer = post(there.url)
    used = time.thread_time() - began

    assert outcome(answer) == (200, None)
    assert answer.duration_ms / 1000 > 10 * used


def test_a_flood_of_session_tickets_ends(endpoint, tmp_path, monkeypatch):
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = 1_000_000  # enough for half a minute

    there = endpoint(lambda connection, number: None, context)
    answer = GuardedClient(LOOPBACK).post(there.url, b"{}", {}, "acme")

    assert outcome(answer) == (None, "too_large")
    there.wait_until_open(0)


def test_a_call_that_blocks_a_sending_thread_is_ended_from_outside(endpoint, monkeypatch):
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.3)
    there = endpoint(lambda connection, number: read_request(connection) and connection.recv(1))

    def deaf(self):
        """A read that ignores the deadline, like a read inside OpenSSL."""
        while self._readable.poll(PATIENCE * 1000) and (data := self._socket.recv(1)):
            assert data
        return b""

    monkeypatch.setattr("plumbing.connections.Connection.receive", deaf)
    answer = post(there.url)

    assert outcome(answer) == (None, "timeout")
    assert answer.duration_ms < PATIENCE * 1000 / 2


# Connections that are kept


def test_idle_connections_are_bounded_for_the_process(endpoint):
    most, idle = bounds(16)
    http = GuardedClient(LOOPBACK, descriptors=16)
    there = endpoint(answering(OK))

    answers = [http.post(there.url, b"{}", {}, client) for client in range(20)]

    assert {outcome(answer) for answer in answers} == {(200, None)}
    assert (most, idle) == (8, 4)
    there.wait_until_open(idle)


def test_no_connection_is_opened_beyond_the_processs_descriptors(endpoint):
    most, _ = bounds(4)
    http = GuardedClient(LOOPBACK, descriptors=4)
    release, waiting = threading.Event(), threading.Semaphore(0)

    def speak(connection, number):
        read_request(connection)
        waiting.release()
        release.wait(PATIENCE)
        connection.sendall(OK)

    there = endpoint(speak)
    answers = []
    threads = [
        threading.Thread(target=lambda client=client: answers.append(http.post(there.url, b"", {}, client)))
        for client in range(most)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert waiting.acquire(timeout=PATIENCE)

    one_too_many = http.post(there.url, b"", {}, "late")
    release.set()
    for thread in threads:
        thread.join(PATIENCE)

    assert outcome(one_too_many) == (None, "interrupted")
    assert [outcome(answer) for answer in answers] == [(200, None)] * most


@pytest.mark.parametrize(
    ("descriptors", "expected"), [(1024, (896, 448)), (256, (128, 64)), (1 << 20, ((1 << 20) - 128, 500)), (1, (1, 1))]
)
def test_the_bounds_follow_from_the_processs_limit(descriptors, expected):
    assert bounds(descriptors) == expected


def test_a_connection_that_was_idle_too_long_is_closed(endpoint, http, monkeypatch):
    there = endpoint(answering(OK))
    http.post(there.url, b"{}", {}, "acme")
    there.wait_until_open(1)

    monkeypatch.setattr(idle_connections, "IDLE_SECONDS", 0.0)

    there.wait_until_open(0)


def test_a_connection_that_its_other_side_closed_is_closed_here_too(endpoint, http):
    def speak(connection, number):
        read_request(connection)
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)  # ends when the other side has closed

    there = endpoint(speak)

    http.post(there.url, b"{}", {}, "acme")

    there.wait_until_open(0)


def test_running_out_of_descriptors_is_our_trouble(endpoint, http):
    there = endpoint(answering(OK))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)

    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        answers = [http.post(url, b"{}", {}, "acme") for url in (there.url, "http://localhost:1/")]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert [outcome(answer) for answer in answers] == [(None, "interrupted")] * 2
    assert outcome(http.post(there.url, b"{}", {}, "acme")) == (200, None)


def test_names_that_hang_keep_one_thread_for_a_client(http, monkeypatch):
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.1)
    found = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found.wait(PATIENCE) and [])
    before = look_ups()

    answers = [http.post("http://slow.example/", b"{}", {}, "acme") for _ in range(5)]
    answers += [http.post(f"http://slow-{n}.example/", b"{}", {}, "acme") for n in range(5)]
    running = look_ups() - before
    found.set()

    assert {outcome(answer) for answer in answers} == {(None, "timeout")}
    assert running == 2  # one for the endpoint, one for the endpoint that the client has moved to


def look_ups():
    return sum(thread.name == "look-up" for thread in threading.enumerate())


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_uses_no_connection_of_its_parent(endpoint, http):
    there = endpoint(answering(OK))
    http.post(there.url, b"{}", {}, "acme")

    if not (child := os.fork()):
        answer = http.post(there.url, b"{}", {}, "acme")
        os._exit(0 if outcome(answer) == (200, None) else 1)
    _, status = os.waitpid(child, 0)
    again = http.post(there.url, b"{}", {}, "acme")

    assert os.waitstatus_to_exitcode(status) == 0
    assert outcome(again) == (200, None)
    assert there.connections == 2


@pytest.mark.parametrize(("now", "outcome"), [(99.9, b""), (100.0, TimeoutError)], ids=["before it", "at it"])
def test_the_end_of_a_connection_at_the_deadline_is_no_end_of_a_body(monkeypatch, now, outcome):
    """The watchman ends the socket at the deadline: an answer without a length would look complete."""
    moments = iter([99.0, 99.0, now])  # reading begins, there is time left, the end has come
    clock = SimpleNamespace(monotonic=lambda: next(moments), thread_time=lambda: 0.0)
    monkeypatch.setattr(connections, "time", clock)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = Connection(ours, deadline=100.0)
        connection.begin_reading()
        connection.shut_down()

        if outcome is TimeoutError:
            with pytest.raises(TimeoutError):
                connection.receive()
        else:
            assert connection.receive() == outcome
