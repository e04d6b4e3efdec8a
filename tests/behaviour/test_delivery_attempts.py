"""One attempt: its request, its outcome, and the stored part of the answer."""

import gzip
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from history import attempt_of, attempts_by_name, deliveries_of, delivery_of, errors_by_name, errors_of
from stubborn import dripping, free_port, full, silent

from harness.processes import eventually
from harness.receiver import Answer

LIMIT = 64 * 1024
MASK = ["customer.name", "customer.email", "customer.iban"]
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"  # as in every raw answer, because its connection must not be kept
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture
def attempts(api, create_client, accepted, deliver) -> Callable[..., dict[Any, dict]]:
    """Sends one event to a client for each of these answers. Returns the attempts, by the answers' names."""

    def send(answers: dict[Any, Answer], changes: dict | None = None, **client: Any) -> dict[Any, dict]:
        clients = {name: create_client(**client) for name in answers}
        for name, answer in answers.items():
            clients[name].inbox.answer(answer)
        accepted(changes)
        deliver()
        return attempts_by_name(api, clients)

    return send


def of_all(attempts: dict[Any, dict], member: str) -> dict[Any, Any]:
    return {name: attempt[member] for name, attempt in attempts.items()}


# The request


def test_an_attempt_is_one_post_of_the_frozen_body(create_client, accepted, deliver):
    client = create_client()
    event = accepted()

    deliver()

    (request,) = client.inbox
    frozen = client.api.get(f"/v1/events/{event}")
    assert (request.method, request.version) == ("POST", "HTTP/1.1")
    assert request.body == frozen.body
    assert request.headers["content-type"] == frozen.content_type == "application/json"
    assert request.headers["webhook-id"] == event


def test_the_headers_are_these_and_no_others(create_client, accepted, deliver):
    client = create_client(format="csv")
    accepted()

    deliver()

    request = client.inbox.last
    names = sorted(name.lower() for name, _ in request.header_list)
    required = [
        "content-length",
        "content-type",
        "host",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    ]
    assert [name for name in names if name not in ("accept-encoding", "user-agent")] == required
    assert request.headers["host"] == f"127.0.0.1:{client.inbox.receiver.port}"
    assert request.headers["content-length"] == str(len(request.body))
    assert request.headers["content-type"] == "text/csv; charset=utf-8; header=present"


def test_no_compression_is_asked_for(create_client, accepted, deliver):
    client = create_client()
    accepted()

    deliver()

    assert client.inbox.last.headers.get("accept-encoding", "identity") == "identity"


def test_the_url_is_called_as_the_client_gave_it_but_for_a_fragment(create_client, accepted, deliver, receiver):
    client = create_client(path="/hook/%C3%BC;v=1?key=a%2Bb&c=&d=e/f#part")
    accepted()

    deliver()

    (request,) = receiver.requests
    assert request.target == "/hook/%C3%BC;v=1?key=a%2Bb&c=&d=e/f"
    assert client.created["endpoint_url"].endswith("#part")


def test_a_url_without_a_path_is_called_at_the_root(create_client, accepted, deliver, receiver):
    create_client(endpoint_url=receiver.url("?key=1"))
    create_client(endpoint_url=receiver.url(""))
    accepted()

    deliver()

    assert sorted(request.target for request in receiver.requests) == ["/", "/?key=1"]


def test_a_host_name_stands_in_the_host_header(create_client, accepted, deliver, receiver, names):
    names.answer("acme.test", ["127.0.0.1"])
    client = create_client(slug="acme", endpoint_url=receiver.url("/acme", host="acme.test"))
    accepted()

    deliver()

    assert client.inbox.last.headers["host"] == f"acme.test:{receiver.port}"


def test_no_cookie_is_kept(create_client, accepted, manage):
    client = create_client()
    client.inbox.answer(Answer(headers={"Set-Cookie": "session=1; Path=/"}))
    accepted()
    accepted()

    manage.ok("deliver", "--once", "--concurrency", "1")

    first, second = client.inbox
    assert "cookie" not in first.headers
    assert "cookie" not in second.headers


def test_a_proxy_in_the_environment_is_not_used(create_client, accepted, deliver, stage):
    client = create_client()
    accepted()

    deliver()

    assert stage.env["http_proxy"] and stage.env["ALL_PROXY"]
    assert client.inbox.last.target == f"/{client.slug}"


def test_a_netrc_file_is_not_read(create_client, accepted, deliver, stage):
    netrc = Path(stage.env["HOME"]) / ".netrc"
    netrc.write_text("machine 127.0.0.1 login zoe password secret\n")
    netrc.chmod(0o600)
    client = create_client()
    accepted()

    try:
        deliver()
    finally:
        netrc.unlink()

    assert "authorization" not in client.inbox.last.headers


# The outcome


def test_every_2xx_acknowledges(attempts):
    statuses = [200, 201, 202, 203, 204, 206, 226, 299]

    ended = attempts({status: Answer(status) for status in statuses})

    assert of_all(ended, "error") == dict.fromkeys(statuses)
    assert of_all(ended, "response_status") == {status: status for status in statuses}


def test_an_answer_may_have_any_shape_of_http(attempts):
    ended = attempts(
        {
            "ended by the connection's end": Answer(body=b"thanks", length=False),
            "HTTP 1.0": Answer(raw=b"HTTP/1.0 200 OK\r\n\r\nthanks"),
            "chunked": Answer(raw=CHUNKED + b"3;a=b\r\ntha\r\n3\r\nnks\r\n0\r\n\r\n"),
            "after an interim one": Answer(raw=INTERIM + OK + b"Content-Length: 6\r\n\r\nthanks"),
        }
    )

    assert of_all(ended, "error") == dict.fromkeys(ended)
    assert of_all(ended, "response_excerpt") == dict.fromkeys(ended, "thanks")


def test_a_redirect_is_not_followed(attempts, receiver):
    statuses = [300, 301, 302, 303, 304, 307, 308, 399]
    elsewhere = receiver.url("/elsewhere")

    ended = attempts({status: Answer.redirect(elsewhere, status) for status in statuses})

    assert of_all(ended, "error") == dict.fromkeys(statuses, "redirect")
    assert of_all(ended, "response_status") == {status: status for status in statuses}
    assert len(receiver.inbox("/elsewhere")) == 0


def test_any_other_status_is_a_bad_one(attempts):
    statuses = [400, 401, 404, 407, 408, 409, 418, 422, 429, 451, 500, 502, 503, 504, 599]

    ended = attempts({status: Answer(status, b"no") for status in statuses})

    assert of_all(ended, "error") == dict.fromkeys(statuses, "bad_status")
    assert of_all(ended, "response_status") == {status: status for status in statuses}


def test_where_no_answer_came_there_is_no_status_and_no_excerpt(api, create_client, accepted, deliver, names):
    names.unresolvable("nowhere.test")
    clients = {
        "reset": create_client(path="/reset"),
        "closed": create_client(path="/closed"),
        "not HTTP": create_client(path="/garbage"),
        "HTTP in a wrong way": create_client(path="/strange"),
        "refused": create_client(endpoint_url=f"http://127.0.0.1:{free_port()}/"),
        "no such name": create_client(endpoint_url="http://nowhere.test/"),
    }
    clients["reset"].inbox.answer(Answer.reset())
    clients["closed"].inbox.answer(Answer.close())
    clients["not HTTP"].inbox.answer(Answer.garbage())
    clients["HTTP in a wrong way"].inbox.answer(Answer(raw=b"HTTP/1.1 two hundred\r\n\r\n"))
    accepted()

    deliver()

    seen = attempts_by_name(api, clients)
    assert of_all(seen, "error") == dict.fromkeys(clients, "connect")
    assert of_all(seen, "response_status") == dict.fromkeys(clients)
    assert of_all(seen, "response_excerpt") == dict.fromkeys(clients, "")


def test_an_answer_that_ends_too_early_is_none(attempts):
    ended = attempts(
        {
            "in the body": Answer(body=b"short", content_length=500),
            "in the first chunk": Answer(raw=CHUNKED + b"40\r\nshort"),
            "before the last chunk": Answer(raw=CHUNKED + b"5\r\nshort\r\n"),
        }
    )

    assert of_all(ended, "error") == dict.fromkeys(ended, "connect")


# Limits on the answer


def test_an_answer_of_64_kib_is_read_whole(attempts):
    padded = b"[accepted]".ljust(LIMIT)

    ended = attempts({"padded": Answer(body=padded)}, format="form_legacy")

    assert of_all(ended, "error") == {"padded": None}


def test_a_longer_answer_is_too_large_whatever_its_status(attempts):
    statuses = [200, 302, 404, 429, 500]

    ended = attempts({status: Answer(status, size=LIMIT + 1) for status in statuses})

    assert of_all(ended, "error") == dict.fromkeys(statuses, "too_large")
    assert of_all(ended, "response_status") == {status: status for status in statuses}
    assert of_all(ended, "response_excerpt") == dict.fromkeys(statuses, "x" * 1000)


def test_an_answer_is_too_large_however_its_length_is_told(attempts):
    chunk = b"%x\r\n%s\r\n" % (LIMIT // 2, b"x" * (LIMIT // 2))

    ended = attempts(
        {
            "in chunks": Answer(raw=CHUNKED + chunk + chunk + b"1\r\nx\r\n0\r\n\r\n"),
            "by the connection's end": Answer(body=b"x" * (LIMIT + 1), length=False),
            "endless": Answer(endless=True),
            "a gigabyte announced": Answer(endless=True, headers={"Content-Length": "1000000000"}),
        }
    )

    assert of_all(ended, "error") == dict.fromkeys(ended, "too_large")


def test_an_answer_is_not_unpacked(attempts):
    bomb = gzip.compress(bytes(20 * LIMIT))

    attempt = attempts({"it": Answer(body=bomb, headers={"Content-Encoding": "gzip"})})["it"]

    assert attempt["error"] is None
    assert attempt["response_excerpt"] == bomb.decode(errors="replace").replace("\0", "")[:1000]


# The stored part of an answer

EXCERPTS = {
    b"": "",
    b" a\r\n\tb ": " a\r\n\tb ",
    b"x" * 999 + b"yz": "x" * 999 + "y",
    ("ü" * 1001).encode(): "ü" * 1000,
    ("😀" * 1001).encode(): "😀" * 1000,
    b"a\xffb\xfe": "a\ufffdb\ufffd",
    "grün".encode("latin-1"): "gr\ufffdn",
    b"cut\xe2\x82": "cut\ufffd",
    b"\0a\0\0b\0": "ab",
    b"a\0" * 1500: "a" * 1000,
    b"\0" * 9000 + b"ab": "ab",
    b"\x01\x1b[31m\x7f": "\x01\x1b[31m\x7f",
}


@pytest.mark.parametrize("status", [200, 500])
def test_an_excerpt_is_the_first_thousand_characters(attempts, status):
    ended = attempts({body: Answer(status, body) for body in EXCERPTS})

    assert of_all(ended, "response_excerpt") == EXCERPTS


def test_an_excerpt_is_masked_before_it_is_cut(attempts):
    masked = {
        "Zoë Müller <zoe@example.com> DE89370400440532013000": "Z*** M*** <z***@example.com> DE****************3000",
        "zoe@example.com,zoe@example.com": "z***@example.com,z***@example.com",
        "inside xzoe@example.comx": "inside xz***@example.comx",
        "across the cut" + "x" * 981 + "zoe@example.com": "across the cut" + "x" * 981 + "z***@",
        "DE89370400440532013000" * 60: ("DE****************3000" * 60)[:1000],
        "joined by a dropped one: zoe@\0example.com": "joined by a dropped one: z***@example.com",
    }

    ended = attempts({body: Answer(500, body.encode()) for body in masked}, options={"mask": MASK})

    assert of_all(ended, "response_excerpt") == masked


def test_only_exact_occurrences_are_masked(attempts):
    bodies = [
        "ZOE@EXAMPLE.COM",
        "Zoë  Müller",
        "Zoë",
        "DE8937040044053201300",
        "zoe@ example.com",
        r"Zo\u00eb M\u00fcller",
        "zoe%40example.com",
    ]

    ended = attempts({body: Answer(500, body.encode()) for body in bodies}, options={"mask": MASK})

    assert of_all(ended, "response_excerpt") == {body: body for body in bodies}


def test_an_excerpt_shows_what_is_not_masked(attempts):
    body = "Zoë Müller zoe@example.com DE89370400440532013000"

    attempt = attempts({"it": Answer(500, body.encode())}, options={"mask": ["customer.email"]})["it"]

    assert attempt["response_excerpt"] == "Zoë Müller z***@example.com DE89370400440532013000"


def test_of_two_values_the_longer_is_masked(attempts):
    changes = {"/data/customer/name": "zoe", "/data/customer/iban": "zoe@example.com 7"}

    body = b"zoe@example.com 7, zoe@example.com, zoe"
    attempt = attempts({"it": Answer(500, body)}, changes, options={"mask": MASK})["it"]

    assert attempt["response_excerpt"] == "zo***********om 7, z***@example.com, z***"


def test_a_value_is_taken_as_text_and_not_as_a_pattern(attempts):
    changes = {"/data/customer/name": "a.c|(", "/data/customer/iban": r"\g<0>\1[a-z]+"}

    body = rb"abc a.c|( \g<0>\1[a-z]+"
    attempt = attempts({"it": Answer(500, body)}, changes, options={"mask": MASK})["it"]

    assert attempt["response_excerpt"] == r"abc a*** \g*******-z]+"


def test_absent_values_mask_nothing(attempts):
    changes = {"/data/customer/email": None, "/data/customer/iban": None}

    attempt = attempts({"it": Answer(500, b"None null")}, changes, options={"mask": MASK})["it"]

    assert attempt["response_excerpt"] == "None null"


@pytest.mark.parametrize(("then", "now"), [(MASK, []), ([], MASK)])
def test_an_excerpt_is_masked_as_it_was_on_acceptance_and_as_it_is_now(
    api, create_client, accepted, deliver, then, now
):
    client = create_client(options={"mask": then})
    client.inbox.answer(Answer(500, b"zoe@example.com"))
    accepted()
    api.patch(client.url, {"format": {"name": "std_json", "version": 1, "options": {"mask": now}}})

    deliver()

    assert attempt_of(api, client)["response_excerpt"] == "z***@example.com"


# The record of an attempt


def test_an_attempt_starts_at_the_processs_time(api, create_client, accepted, deliver, clock):
    clock.freeze(datetime(2031, 3, 4, 5, 6, 7, 890123, tzinfo=UTC))
    client = create_client()
    accepted()

    deliver()

    attempt = attempt_of(api, client)
    assert list(attempt) == ["started_at", "duration_ms", "response_status", "error", "response_excerpt"]
    assert attempt["started_at"] == "2031-03-04T05:06:07.890123Z"


def test_an_attempts_duration_is_in_milliseconds(attempts):
    ended = attempts({"quick": Answer(), "slow": Answer(delay=0.6)})

    assert isinstance(ended["slow"]["duration_ms"], int)
    assert 0 <= ended["quick"]["duration_ms"] < ended["slow"]["duration_ms"]
    assert 600 <= ended["slow"]["duration_ms"] < 5000


def test_a_client_sees_its_own_attempts(create_client, accepted, deliver):
    client = create_client()
    client.inbox.answer(Answer(503, b"busy"))
    accepted()

    deliver()

    attempt = attempt_of(client.api, client)
    assert (attempt["error"], attempt["response_status"]) == ("bad_status", 503)
    assert attempt["response_excerpt"] == "busy"


def test_an_attempt_that_fails_leaves_the_delivery_pending(api, create_client, accepted, deliver):
    good, bad = create_client(), create_client()
    bad.inbox.answer(Answer(500))
    accepted()

    deliver()

    assert [delivery_of(api, client)["status"] for client in (good, bad)] == ["delivered", "pending"]
    assert [delivery_of(api, client)["attempt_count"] for client in (good, bad)] == [1, 1]
    assert delivery_of(api, good)["next_attempt_at"] is None


# Time limits


def test_an_attempt_ends_within_its_time(api, create_client, accepted, manage, receiver, names):
    # They wait for their ends together: what takes its time here takes it once.
    names.hang("slow.test", 40, ["127.0.0.1"])
    names.answer("two.test", ["127.0.0.2", "127.0.0.3"])
    head, chunk = OK + b"Content-Length: 9\r\n\r\n", b"1\r\nx\r\n"
    server_hello = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"
    answers = {
        "no answer": Answer(delay=40),
        "headers drip": Answer(header_drip=0.7),
        "the body drips": Answer(size=60, body_drip=0.5),
        "an endless body drips": Answer(endless=True, body_drip=0.5),
        "slow, but in time": Answer(delay=11),
    }
    with ExitStack() as opened:
        port = opened.enter_context
        urls = {
            "the name is looked up": f"http://slow.test:{receiver.port}/",
            "headers, then nothing": f"http://127.0.0.1:{port(dripping(head, b'', 0.5))}/",
            "chunks for ever": f"http://127.0.0.1:{port(dripping(CHUNKED, chunk, 0.5))}/",
            "interim answers for ever": f"http://127.0.0.1:{port(dripping(INTERIM, INTERIM, 0.5))}/",
            "TLS without an answer": f"https://127.0.0.1:{port(silent())}/",
            "TLS that drips": f"https://127.0.0.1:{port(dripping(server_hello, bytes(1), 0.5))}/",
            "no connection": f"http://127.0.0.2:{port(full('127.0.0.2'))}/",
            "no connection at two addresses": f"http://two.test:{port(full('127.0.0.2', '127.0.0.3'))}/",
        }
        clients = {name: create_client() for name in answers}
        clients |= {name: create_client(endpoint_url=url) for name, url in urls.items()}
        for name, answer in answers.items():
            clients[name].inbox.answer(answer)
        accepted()

        started = time.monotonic()
        manage.ok("deliver", "--once", "--concurrency", str(len(clients)))
        taken = time.monotonic() - started

    seen = attempts_by_name(api, clients)
    assert of_all(seen, "error") == {**dict.fromkeys(clients, "timeout"), "slow, but in time": None}
    limits = {name: 6500 if name.startswith("no connection") else 16500 for name in clients}
    assert {name: ms for name, ms in of_all(seen, "duration_ms").items() if ms > limits[name]} == {}
    assert taken < 20


def test_an_address_that_refuses_leaves_the_next_one(create_client, accepted, deliver, receiver, names):
    names.answer("two.test", ["127.0.0.2", "127.0.0.1"])
    client = create_client(slug="acme", endpoint_url=receiver.url("/acme", host="two.test"))
    accepted()

    deliver()

    assert len(client.inbox) == 1


# TLS


def test_a_certificate_that_nobody_trusts_is_refused(api, create_client, accepted, deliver, tls_receiver):
    client = create_client(endpoint_url=tls_receiver.url("/acme"))
    accepted()

    deliver()

    attempt = attempt_of(api, client)
    assert (attempt["error"], attempt["response_status"]) == ("tls", None)
    assert tls_receiver.requests == []


def test_a_trusted_certificate_must_be_for_the_host_and_valid(
    api, create_client, accepted, manage, names, tls_receiver, new_tls_receiver
):
    for name in ("good.test", "other.test", "expired.test"):
        names.answer(name, ["127.0.0.1"])
    expired = new_tls_receiver("expired.test", expired=True)
    urls = {
        "a name": tls_receiver.url("/name", host="good.test"),
        "an address": tls_receiver.url("/address"),
        "another name": tls_receiver.url("/other", host="other.test"),
        "expired": expired.url("/expired", host="expired.test"),
    }
    clients = {name: create_client(endpoint_url=url) for name, url in urls.items()}
    accepted()

    manage.ok("deliver", "--once", env={"SSL_CERT_FILE": tls_receiver.ca_file})

    assert errors_by_name(api, clients) == {
        "a name": None,
        "an address": None,
        "another name": "tls",
        "expired": "tls",
    }
    assert sorted(request.path for request in tls_receiver.requests) == ["/address", "/name"]
    assert expired.requests == []


def test_a_running_worker_sends_what_comes_in(api, create_client, accepted, manage):
    client = create_client()
    worker = manage.start("deliver")

    accepted()
    client.inbox.wait(1)
    accepted()
    client.inbox.wait(2)

    eventually(lambda: [errors_of(row) for row in deliveries_of(api, client)] == [[None], [None]])
    assert worker.alive
