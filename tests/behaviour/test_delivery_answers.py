"""Which answer belongs to which request, how much of one is read, and what an endpoint cannot do to another client."""

import ssl
import threading
import time
from contextlib import ExitStack

import pytest
from history import attempts_by_name, deliveries_of, errors_by_name, errors_of
from stubborn import scripted

from harness.receiver import Answer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
NO = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
MOMENT = 0.2  # seconds: long enough for a worker to take an early answer for the last one


def path_of(first_line):
    return first_line.split()[1].decode()


@pytest.fixture
def answers(api, create_client, accepted, manage):
    """Two clients at one endpoint, `/good` and `/bad`, and two events sent one after the other.

    Returns the attempts' statuses and errors, by path.
    """

    def send(speak):
        with scripted(speak) as port:
            clients = {path: create_client(endpoint_url=f"http://127.0.0.1:{port}{path}") for path in ("/good", "/bad")}
            for _ in range(2):
                accepted()
                manage.ok("deliver", "--once", "--concurrency", "1")
        return {
            path: [
                (attempt["response_status"], attempt["error"])
                for delivery in deliveries_of(api, client)
                for attempt in delivery["attempts"]
            ]
            for path, client in clients.items()
        }

    return send


# Each answer and its request


@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
    ],
    ids=["103", "102", "100 and 102"],
)
def test_an_interim_answer_is_followed_by_the_one_that_counts(answers, interim):
    pause = threading.Event()

    def speak(connection, first_line):
        connection.sendall(interim)
        pause.wait(MOMENT)
        connection.sendall(OK if path_of(first_line) == "/good" else NO)

    ended = answers(speak)

    assert ended == {"/good": [(200, None)] * 2, "/bad": [(500, "bad_status")] * 2}


def test_a_second_answer_is_no_answer_to_the_next_request(answers):
    def speak(connection, first_line):
        connection.sendall(OK + OK if path_of(first_line) == "/good" else NO + OK)

    ended = answers(speak)

    assert ended == {"/good": [(200, None)] * 2, "/bad": [(500, "bad_status")] * 2}


def test_an_unexpected_body_is_no_answer_to_the_next_request(answers):
    def speak(connection, first_line):
        connection.sendall(b"HTTP/1.1 304 Not Modified\r\n\r\n" + OK)

    ended = answers(speak)

    assert ended == {path: [(304, "redirect")] * 2 for path in ("/good", "/bad")}


def test_another_protocol_is_no_answer(answers):
    def speak(connection, first_line):
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n" + OK)

    ended = answers(speak)

    assert ended == {path: [(101, "bad_status")] * 2 for path in ("/good", "/bad")}


def test_clients_share_no_connection(create_client, accepted, manage):
    clients = [create_client(), create_client()]
    for _ in range(3):
        accepted()

    manage.ok("deliver", "--once", "--concurrency", "1")

    first, second = ({request.connection for request in client.inbox} for client in clients)
    assert (len(first), len(second)) == (1, 1)
    assert not first & second


# How much is read


def test_an_answer_that_began_has_its_status_however_long_its_head_is(api, create_client, accepted, deliver):
    heads = {
        "a thousand lines": b"X: y\r\n" * 1000,
        "101 lines": b"X: y\r\n" * 101,
        "a header of 70 kB": b"X: %s\r\n" % (b"y" * 70_000),
        "a header of 100 kB": b"X: %s\r\n" % (b"y" * 100_000),
    }
    clients = {name: create_client() for name in heads}
    for name, lines in heads.items():
        clients[name].inbox.answer(Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + lines + b"\r\n"))
    accepted()

    deliver()

    seen = attempts_by_name(api, clients)
    outcomes = {name: (attempt["response_status"], attempt["error"]) for name, attempt in seen.items()}
    assert outcomes == dict.fromkeys(heads, (200, "too_large"))


def test_floods_end_and_say_why(api, create_client, accepted, manage):
    head = b"HTTP/1.1 200 OK\r\n"
    floods = {
        "a chunk of size -1": (CHUNKED + b"-1\r\n", b"x", (200, "connect")),
        "a chunk extension": (CHUNKED + b"1;", b"x", (200, "too_large")),
        "trailers": (CHUNKED + b"0\r\n", b"X: y\r\n", (200, "too_large")),
        "header lines": (head, b"X: y\r\n", (200, "too_large")),
        "folded lines": (head + b"X: y\r\n", b" more\r\n", (200, "too_large")),
        "interim answers": (b"", b"HTTP/1.1 100 Continue\r\nX: %s\r\n\r\n" % (b"y" * 900), (None, "too_large")),
    }

    def flood(first, more):
        def speak(connection, first_line):
            connection.sendall(first)
            while True:
                connection.sendall(more * (65536 // len(more)))

        return speak

    with ExitStack() as opened:
        ports = {name: opened.enter_context(scripted(flood(first, more))) for name, (first, more, _) in floods.items()}
        clients = {name: create_client(endpoint_url=f"http://127.0.0.1:{port}/") for name, port in ports.items()}
        accepted()
        manage.ok("deliver", "--once")

    seen = attempts_by_name(api, clients)
    outcomes = {name: (attempt["response_status"], attempt["error"]) for name, attempt in seen.items()}
    assert outcomes == {name: expected for name, (_, _, expected) in floods.items()}


# TLS


def test_a_flood_of_session_tickets_ends_within_the_attempts_time(
    api, create_client, accepted, manage, authority, receiver
):
    context = authority.server_context("127.0.0.1")
    context.minimum_version, context.num_tickets = ssl.TLSVersion.TLSv1_3, 3_000_000
    with scripted(lambda connection, first_line: None, context) as port:
        client = create_client(endpoint_url=f"https://127.0.0.1:{port}/")
        accepted()

        began = time.monotonic()
        manage.ok("deliver", "--once", env={"SSL_CERT_FILE": str(authority.ca_file)})
        taken = time.monotonic() - began

    (attempt,) = attempts_by_name(api, {"it": client}).values()
    assert attempt["error"] in ("timeout", "too_large")
    assert attempt["response_status"] is None
    assert attempt["duration_ms"] <= 16_000
    assert taken < 25


def test_a_certificate_without_its_authoritys_key_identifier_is_taken(api, create_client, accepted, manage, authority):
    context = authority.server_context("127.0.0.1", names_its_authority=False)
    with scripted(lambda connection, first_line: connection.sendall(OK), context) as port:
        client = create_client(endpoint_url=f"https://127.0.0.1:{port}/")
        accepted()

        manage.ok("deliver", "--once", env={"SSL_CERT_FILE": str(authority.ca_file)})

    assert errors_by_name(api, {"it": client}) == {"it": None}


# Names


def test_a_stored_url_that_leads_nowhere_is_an_attempt_and_no_crash(api, create_client, accepted, deliver, database):
    urls = ["http://☃.example/", "http://a..b/", "http://foo_bär.example/", "http://127.0.0.1:0/"]
    clients = {url: create_client() for url in urls}
    for url, client in clients.items():
        database.execute("UPDATE clients_client SET endpoint_url = ? WHERE slug = ?", url, client.slug)
    accepted()

    deliver()

    assert errors_by_name(api, clients) == dict.fromkeys(urls, "connect")
    assert all(errors_of(row) == ["connect"] for client in clients.values() for row in deliveries_of(api, client))
