"""The guarded HTTP client against a server on this machine: what is sent, what is read, and how long it takes."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from plumbing import outbound
from plumbing.outbound import MAX_RESPONSE_BYTES, GuardedClient, host_of

from .endpoint import LOOPBACK, post

SHORT, FAR_TOO_LONG = 0.3, 5.0  # seconds


@pytest.fixture
def short_of_time(monkeypatch):
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", SHORT)


def answering(*parts):
    return lambda write: write(b"".join(parts))


def dripping(first, drop):
    """Writes the first part, then a byte every 50 ms, until the other side hangs up."""

    def answer(write):
        write(first)
        ends_at = time.monotonic() + FAR_TOO_LONG
        with suppress(OSError):
            while time.monotonic() < ends_at:
                time.sleep(0.05)
                write(drop)

    return answer


def test_the_body_and_the_headers_arrive_as_they_were_given(server):
    answer = post(server.url("/hooks?a=1"), b"\x00\xff", **{"Content-Type": "text/csv", "webhook-id": "evt_1"})

    ((path, headers, body),) = server.requests
    assert (path, body) == ("/hooks?a=1", b"\x00\xff")
    assert (headers["Content-Type"], headers["webhook-id"]) == ("text/csv", "evt_1")
    assert (answer.status, answer.body, answer.error) == (200, b"ok", None)
    assert answer.headers == {"content-length": "2"}


def test_nothing_of_this_machine_is_told(server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password lovelace\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer = answering(b"HTTP/1.1 200 OK\r\nSet-Cookie: seen=1\r\nContent-Length: 0\r\n\r\n")
    http = GuardedClient(LOOPBACK)

    http.post(server.url(), b"{}", {}, "acme")
    http.post(server.url(), b"{}", {}, "acme")

    for _, headers, _ in server.requests:
        assert set(headers) == {"Host", "Accept-Encoding", "Content-Length", "User-Agent"}
        assert headers["Accept-Encoding"] == "identity"


def test_a_proxy_from_the_environment_is_not_used(server, monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")

    assert GuardedClient(LOOPBACK).post(server.url(), b"{}", {}, "acme").status == 200


def test_a_connection_is_kept_for_the_next_attempt(server):
    http = GuardedClient(LOOPBACK)

    assert [http.post(server.url(), b"{}", {}, "acme").status for _ in range(3)] == [200, 200, 200]

    assert server.connections == 1


def test_a_redirect_is_an_answer_and_is_not_followed(server):
    location = f"Location: {server.url('/elsewhere')}\r\n".encode()
    server.answer = answering(b"HTTP/1.1 307 Temporary Redirect\r\n", location, b"Content-Length: 0\r\n\r\n")

    answer = post(server.url())

    assert (answer.status, answer.error) == (307, None)
    assert [path for path, _, _ in server.requests] == ["/hooks"]


@pytest.mark.parametrize("status", [b"200 OK", b"500 Internal Server Error"])
@pytest.mark.parametrize(("length", "error"), [(MAX_RESPONSE_BYTES, None), (MAX_RESPONSE_BYTES + 1, "too_large")])
def test_64_kib_of_a_response_are_read(server, status, length, error):
    head = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, length)
    server.answer = answering(head, b"x" * length)

    answer = post(server.url())

    assert (answer.status, answer.error) == (int(status[:3]), error)
    assert answer.body == b"x" * MAX_RESPONSE_BYTES


def test_a_compressed_response_is_not_unpacked(server):
    server.answer = answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")

    assert post(server.url()).body == b"abc"


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"", b""),
    ],
    ids=["its body", "its headers", "nothing"],
)
def test_a_server_that_drips_is_left_after_the_whole_attempts_time(server, short_of_time, first, drop):
    server.answer = dripping(first, drop)

    answer = post(server.url())

    assert answer.error == "timeout"
    assert SHORT <= answer.duration_ms / 1000 < FAR_TOO_LONG / 2


def test_a_name_whose_look_up_hangs_is_a_timeout(short_of_time, monkeypatch):
    found = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found.wait(FAR_TOO_LONG) and [])

    answer = post("http://acme.example/")
    found.set()

    assert (answer.status, answer.error) == (None, "timeout")
    assert answer.duration_ms / 1000 < FAR_TOO_LONG / 2


def test_a_name_without_an_address_is_no_connection(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [])
    assert post("http://acme.example/").error == "connect"

    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert post("http://acme.example/").error == "connect"


@pytest.mark.parametrize(
    "url", ["http://", "http://[::1", "ftp://127.0.0.1/", "http://127.0.0.1:99999/", "http://a..b/"]
)
def test_a_url_that_leads_nowhere_is_an_answer_and_no_crash(url):
    answer = post(url)

    assert (answer.status, answer.error) == (None, "connect")


@pytest.mark.parametrize(
    "sent",
    [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 fine\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"],
)
def test_a_server_that_hangs_up_or_speaks_something_else_is_no_connection(server, sent):
    def answer(write):
        write(sent)
        raise ConnectionError("enough")

    server.answer = answer

    assert post(server.url()).error == "connect"


def test_a_closed_port_is_no_connection(server):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"

        assert post(url).error == "connect"


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://acme.example:8443/hooks?token=secret", "acme.example"), ("nonsense", ""), ("http://[::1", "")],
)
def test_a_log_names_the_host_alone(url, host):
    assert host_of(url) == host
