"""The `Sender` port. The real adapter sends to a server on this machine."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from plumbing import secret_storage
from plumbing.signing import new_secret
from tests import fakes
from tests.fakes import FakeClock, FakeSender
from tests.plumbing.endpoint import LOOPBACK
from webhooks.adapters.clock import SystemClock
from webhooks.adapters.sender import HttpSender, retry_after
from webhooks.application.ports import OutgoingRequest, SecretUnreadable
from webhooks.domain.answers import AttemptError, ClientAnswer, NoAnswer


class FakeWay:
    """A fake sender, its answers, and the requests that it got."""

    def __init__(self):
        self.sender, self.seal, self.unreadable = FakeSender(), fakes.sender.seal, "not sealed"
        self.url = "https://acme.example/hooks"

    def answers(self, status, body=b"", wait=None):
        asked = None if wait is None else timedelta(seconds=wait)
        self.sender.answers = lambda request: ClientAnswer(status, body, retry_after=asked)

    def hangs_up(self):
        self.sender.answers = lambda request: NoAnswer(AttemptError.CONNECT)

    def seen(self):
        return [(request.message_id, request.content_type, request.body) for request in self.sender.sent]


class RealWay:
    """The HTTP sender, and a server that it may call."""

    def __init__(self, server):
        self.server, self.url = server, server.url()
        self.sender, self.seal = HttpSender(LOOPBACK, SystemClock()), secret_storage.seal
        self.unreadable = self.seal("whsec_")[:-4] + "AAAA"

    def answers(self, status, body=b"", wait=None):
        asked = "" if wait is None else f"Retry-After: {wait}\r\n"
        head = f"HTTP/1.1 {status} Because\r\n{asked}Content-Length: {len(body)}\r\n\r\n"
        self.server.answer = lambda write: write(head.encode() + body)

    def hangs_up(self):
        self.server.answer = lambda write: write(b"SSH-2.0-OpenSSH\r\n")

    def seen(self):
        return [(headers["webhook-id"], headers["Content-Type"], body) for _, headers, body in self.server.requests]


@pytest.fixture(params=["fake", "real"])
def way(request):
    return FakeWay() if request.param == "fake" else RealWay(request.getfixturevalue("server"))


def a_request(way, *secrets, body=b"{}"):
    sealed = list(secrets) or [way.seal(new_secret())]
    return OutgoingRequest(1, way.url, "evt_1", "application/json", body, sealed)


def test_what_goes_out_arrives_as_it_was_given(way):
    way.answers(200)

    way.sender.send(a_request(way, body="Zoë".encode()))

    assert way.seen() == [("evt_1", "application/json", "Zoë".encode())]


@pytest.mark.parametrize("status, body", [(200, b"ok"), (302, b"elsewhere"), (410, b""), (500, b"no")])
def test_every_answer_comes_back_without_being_judged(way, status, body):
    way.answers(status, body)

    answer = way.sender.send(a_request(way))

    assert (answer.status, answer.body, answer.failure, answer.retry_after) == (status, body, None, None)
    assert answer.duration_ms >= 0


def test_what_the_answer_asks_for_comes_back(way):
    way.answers(503, wait=7)

    assert way.sender.send(a_request(way)).retry_after == timedelta(seconds=7)


def test_an_error_on_the_way_is_in_the_answer(way):
    way.hangs_up()

    answer = way.sender.send(a_request(way))

    assert (type(answer), answer.failure) == (NoAnswer, AttemptError.CONNECT)


def test_a_secret_of_another_key_cannot_sign_and_nothing_goes_out(way):
    way.answers(200)

    with pytest.raises(SecretUnreadable):
        way.sender.send(a_request(way, way.seal(new_secret()), way.unreadable))

    assert way.seen() == []


# Only the real adapter can show this


@pytest.fixture
def real(server):
    way = RealWay(server)
    way.answers(200)
    return way


def test_every_secret_signs_newest_first(real):
    new, old = new_secret(), new_secret()

    real.sender.send(a_request(real, real.seal(new), real.seal(old), body=b'{"a":1}'))

    ((_, headers, body),) = real.server.requests
    first, second = headers["webhook-signature"].split()
    for secret, signature in ((new, first), (old, second)):
        signed = {name: value for name, value in headers.items() if name.startswith("webhook-")}
        assert Webhook(secret).verify(body, signed | {"webhook-signature": signature}) == {"a": 1}


def test_the_time_that_is_signed_is_the_clocks(server):
    way = RealWay(server)
    sender = HttpSender(LOOPBACK, FakeClock(datetime(2026, 11, 22, tzinfo=UTC)))

    sender.send(a_request(way))

    ((_, headers, _),) = server.requests
    assert headers["webhook-timestamp"] == "1795305600"


def test_an_address_that_is_not_allowed_is_not_called(real):
    guarded = HttpSender((), SystemClock())

    answer = guarded.send(a_request(real))

    assert (type(answer), answer.failure) == (NoAnswer, AttemptError.ADDRESS_REFUSED)
    assert real.seen() == []


@pytest.mark.parametrize(
    "value, asked",
    [
        ("7", timedelta(seconds=7)),
        (" 0007 ", timedelta(seconds=7)),
        ("0", timedelta(0)),
        ("99999999999999999999", timedelta(seconds=10**9)),
        ("Sun, 22 Nov 2026 13:27:24 GMT", datetime(2026, 11, 22, 13, 27, 24, tzinfo=UTC)),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("٧", None),
        ("Sun, 31 Feb 2026 13:27:24 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(value, asked):
    assert retry_after({"retry-after": value}) == asked


def test_no_retry_after_asks_for_nothing():
    assert retry_after({}) is None
