import pytest

from plumbing.outbound import Answer
from webhooks.models import Delivery

from .factories import an_event


def error_of(client, status, body=b"", error=None):
    return Delivery.prepared(an_event(), client).error_of(Answer(status, {}, body, error, 1))


@pytest.mark.parametrize(
    ("status", "error"), [(200, None), (204, None), (301, "redirect"), (404, "bad_status"), (500, "bad_status")]
)
def test_a_2xx_acknowledges_json(make_client, status, error):
    assert error_of(make_client("std_json"), status) == error


@pytest.mark.parametrize(("status", "error"), [(None, "timeout"), (200, "too_large")])
def test_the_reason_that_stopped_the_attempt_is_its_error(make_client, status, error):
    assert error_of(make_client("std_json"), status, error=error) == error


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b" [accepted]\r\n", None),
        (b"\n\xef\xbb\xbf\n[accepted]", None),
        (b"", "not_acknowledged"),
        (b"[Accepted]", "not_acknowledged"),
        (b"[accepted]\xef\xbb\xbf", "not_acknowledged"),
    ],
)
def test_form_legacy_needs_the_word_accepted(make_client, body, error):
    assert error_of(make_client("form_legacy"), 200, body) == error


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'\n<?xml version="1.0"?><Ack code="0"/> ', None),
        (b'<Ack code="0">thanks</Ack>', None),
        (b'<Ack code="0">' + b"." * 1004 + b"</Ack>", None),
        (b'<Ack code="0">' + b"." * 1005 + b"</Ack>", "not_acknowledged"),
        (b'<Ack code="1"/>', "not_acknowledged"),
        (b'<Ack xmlns="urn:bank" code="0"/>', "not_acknowledged"),
        (b'<Other><Ack code="0"/></Other>', "not_acknowledged"),
        (b'<!DOCTYPE Ack [<!ENTITY a "b">]><Ack code="0">&a;</Ack>', "not_acknowledged"),
        (b"<Ack code=", "not_acknowledged"),
        (b"", "not_acknowledged"),
    ],
)
def test_xml_bank_needs_an_ack_with_code_0(make_client, body, error):
    assert error_of(make_client("xml_bank"), 200, body) == error


@pytest.mark.parametrize(("body", "error"), [(b"ok\n", None), (b"OK", "not_acknowledged"), (b"", "not_acknowledged")])
def test_slack_needs_ok(make_client, body, error):
    assert error_of(make_client("slack_blocks", threshold={"USD": "1"}), 200, body) == error


def test_the_ack_rule_is_the_one_of_the_time_of_acceptance(make_client):
    client = make_client("form_legacy")
    delivery = Delivery.prepared(an_event(), client)

    client.format_name = "slack_blocks"

    assert delivery.error_of(Answer(200, {}, b"[accepted]", None, 1)) is None
    assert delivery.error_of(Answer(200, {}, b"ok", None, 1)) == "not_acknowledged"
