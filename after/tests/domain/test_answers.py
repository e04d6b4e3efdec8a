"""The meaning of an answer: acknowledged or not and why, when to retry, and which excerpt is stored."""

from datetime import timedelta

import pytest

from tests.builders import NOW, a_customer
from webhooks.domain.answers import AttemptError, ClientAnswer


@pytest.mark.parametrize(
    "status, error",
    [
        (200, None),
        (204, None),
        (299, None),
        (199, "bad_status"),
        (300, "redirect"),
        (302, "redirect"),
        (399, "redirect"),
        (400, "bad_status"),
        (410, "bad_status"),
        (503, "bad_status"),
    ],
)
def test_a_2xx_acknowledges(status, error):
    assert ClientAnswer(status).error("2xx") == error


@pytest.mark.parametrize(
    "rule, body, error",
    [
        ("2xx", b"anything", None),
        ("2xx ok", b"ok", None),
        ("2xx ok", b" ok\r\n", None),
        ("2xx ok", b" \xef\xbb\xbf ok", None),
        ("2xx ok", b"ok\xef\xbb\xbf", "not_acknowledged"),
        ("2xx ok", b"OK", "not_acknowledged"),
        ("2xx ok", b"", "not_acknowledged"),
        ("2xx [accepted]", b"\n[accepted] ", None),
        ("2xx [accepted]", b"accepted", "not_acknowledged"),
        ('2xx <Ack code="0">', b'<Ack code="0"/>', None),
        ('2xx <Ack code="0">', b'\xef\xbb\xbf<Ack code="0"/>', None),
        ('2xx <Ack code="0">', b'<Ack code="1"/>', "not_acknowledged"),
        ('2xx <Ack code="0">', b'<Ack code="0">' + b"." * 1004 + b"</Ack>", None),
        ('2xx <Ack code="0">', b'<Ack code="0">' + b"." * 1005 + b"</Ack>", "not_acknowledged"),
        ("a rule of a later version", b"", None),
    ],
)
def test_the_rule_that_the_delivery_was_frozen_with_decides(rule, body, error):
    assert ClientAnswer(200, body).error(rule) == error


def test_a_good_body_does_not_help_a_bad_status():
    assert ClientAnswer(500, b"ok").error("2xx ok") is AttemptError.BAD_STATUS


@pytest.mark.parametrize("status", [200, 302, 500])
@pytest.mark.parametrize("failure", ["timeout", "connect", "tls", "address_refused", "too_large", "interrupted"])
def test_the_error_that_stopped_the_attempt_comes_first(status, failure):
    assert ClientAnswer(status, failure=AttemptError(failure)).error("2xx") == failure


def test_an_attempt_names_its_errors_as_the_api_does():
    assert set(AttemptError) == {
        "timeout", "connect", "tls", "address_refused", "redirect", "too_large", "bad_status", "not_acknowledged",
        "interrupted",
    }  # fmt: skip


@pytest.mark.parametrize("status", [429, 503])
def test_a_429_or_a_503_may_ask_for_a_wait(status):
    assert ClientAnswer(status, retry_after=timedelta(seconds=7)).wait_asked_for(NOW) == timedelta(seconds=7)
    assert ClientAnswer(status, retry_after=NOW + timedelta(minutes=2)).wait_asked_for(NOW) == timedelta(minutes=2)
    assert ClientAnswer(status).wait_asked_for(NOW) is None


@pytest.mark.parametrize("status", [200, 428, 430, 500, 502, 504])
def test_retry_after_of_another_answer_is_ignored(status):
    assert ClientAnswer(status, retry_after=timedelta(seconds=7)).wait_asked_for(NOW) is None


def test_an_excerpt_is_the_first_thousand_characters():
    assert ClientAnswer(200, "é".encode() * 1001).excerpt(a_customer(), []) == "é" * 1000


def test_an_excerpt_is_readable_text_whatever_came():
    assert ClientAnswer(200, b"a\0b\xff\xc3").excerpt(a_customer(), []) == "ab\ufffd\ufffd"


def test_an_excerpt_is_masked_before_it_is_cut():
    answer = ClientAnswer(200, b"x" * 990 + b"zoe@example.com")

    assert answer.excerpt(a_customer(), ["customer.email"]) == "x" * 990 + "z***@examp"
