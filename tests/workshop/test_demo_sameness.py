"""When two servers sent a client the same, and how a difference reads."""

from datetime import UTC, datetime

import pytest

from workshop.demo.sameness import compared
from workshop.harness.clients import Answer
from workshop.harness.inbox import Received

SIDES = ("before", "after")
NUMBERS = [{"evt_A": 1, "evt_B": 2}, {"evt_X": 1, "evt_Y": 2}]


def received(event, body, stamp="1", signature="v1,abc=", **headers):
    headers = {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": signature} | headers
    return Received("acme", datetime.now(UTC), headers, body.encode(), "", Answer(200))


def verdict(before, after):
    return compared(SIDES, [before, after], NUMBERS)


def test_what_is_each_servers_own_is_set_aside():
    before = [received("evt_A", '{"id":"evt_A"}', "1", "v1,abc="), received("evt_B", "{}")]
    after = [received("evt_Y", "{}"), received("evt_X", '{"id":"evt_X"}', "2", "v1,xyz=")]

    found = verdict(before, after)

    assert found.differences == ()
    assert found.line == "The same from before/ and after/: headers and 2 bodies, byte for byte."


def test_one_byte_of_a_body_is_a_difference():
    found = verdict([received("evt_A", '{"amount":"10.10"}')], [received("evt_X", '{"amount":"10.11"}')])

    assert found.differences == ("""Event 1: byte 15 of the body: '{"amount":"10.10"}' and '{"amount":"10.11"}'.""",)
    assert found.line.startswith("DIFFERENT from before/ and after/: Event 1")


def test_a_body_that_goes_on_is_a_difference():
    assert "byte 2 of the body" in verdict([received("evt_A", "{}")], [received("evt_X", "{}\n")]).line


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"content-type": "text/html"}, "header content-type: 'text/css' and 'text/html'"),
        ({"content-type": "text/css", "x-more": "1"}, "header x-more: '(absent)' and '1'"),
        ({"content-type": "text/css", "signature": "v1,a= v1,b="}, "'1 signature' and '2 signatures'"),
        ({"content-type": "text/css", "stamp": ""}, "header webhook-timestamp: 'a time' and 'none'"),
    ],
)
def test_a_header_that_differs_is_a_difference(other, words):
    found = verdict([received("evt_A", "{}", **{"content-type": "text/css"})], [received("evt_X", "{}", **other)])

    assert words in found.line


def test_another_events_id_is_a_difference():
    assert "byte 11" in verdict([received("evt_A", '{"id":"evt_A"}')], [received("evt_X", '{"id":"evt_Y"}')]).line


def test_an_event_that_came_from_one_side_alone_is_a_difference():
    found = verdict([received("evt_A", "{}"), received("evt_B", "{}")], [received("evt_Y", "{}")])

    assert found.differences == ("Event 1 came from before/ alone.",)


def test_how_often_an_event_was_tried_is_no_difference():
    assert verdict([received("evt_A", "{}")] * 3, [received("evt_X", "{}")]).differences == ()


def test_a_second_try_with_other_bytes_is_a_difference():
    tries = [received("evt_A", "{}"), received("evt_A", "[]")]

    assert "Event 1: byte 0" in verdict(tries, [received("evt_X", "{}")]).line
