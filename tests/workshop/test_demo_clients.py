"""The demo's clients and its forty events: what they show, and which client must receive which event."""

import re
from collections import Counter
from datetime import datetime

import pytest
from iso4217 import Currency

from workshop.harness.clients import CLIENTS, events, expected

ALL = events()
FORMAT_VERSIONS = {
    *("std_json@1", "flat_camel@1", "flat_camel@2", "xml_bank@1", "form_legacy@1"),
    *("cloudevents@1", "slack_blocks@1", "csv@1"),
}


def client(title):
    return next(each for each in CLIENTS if each.title == title)


def test_there_is_a_client_for_each_format_version_and_one_that_fails_twice():
    failing = [each for each in CLIENTS if each.fails_first]

    assert {each.title for each in CLIENTS if not each.fails_first} == FORMAT_VERSIONS
    assert len(CLIENTS) == len(FORMAT_VERSIONS) + 1
    assert [[answer.status for answer in each.fails_first] for each in failing] == [[500, 503]]


def test_the_events_cover_all_types_and_at_least_ten_currencies():
    types = {event["type"] for event in ALL}
    currencies = {event["data"]["currency"] for event in ALL}

    assert 40 <= len(ALL) <= 50
    assert types == {
        *("payment.authorized", "payment.captured", "payment.failed", "payment.refunded"),
        "payout.paid",
    }
    assert len(currencies) >= 10
    assert currencies >= {"JPY", "KWD", "CLF"}


@pytest.mark.parametrize("event", ALL, ids=lambda event: event["data"]["payment_id"])
def test_every_event_is_one_that_a_platform_could_post(event):
    data = event["data"]
    whole, _, decimals = data["amount"].partition(".")

    assert whole.isdecimal()
    assert len(decimals) <= Currency(data["currency"]).exponent
    assert datetime.fromisoformat(event["occurred_at"]).tzinfo is not None
    assert (data["failure"] is not None) == (event["type"] == "payment.failed")
    assert re.fullmatch(r"[!-~]{1,64}", data["customer"]["id"])


def test_one_client_gets_everything_and_another_only_payouts():
    types = Counter(event["type"] for event in ALL)

    assert len(expected(client("std_json@1"), ALL)) == len(ALL)
    assert len(expected(client("csv@1"), ALL)) == len(ALL) - types["payout.paid"]
    assert len(expected(CLIENTS[-1], ALL)) == types["payout.paid"]


def test_the_channel_hears_failures_and_amounts_of_at_least_its_threshold():
    heard = {event["data"]["payment_id"] for event in expected(client("slack_blocks@1"), ALL)}

    assert "pay_1004" in heard  # 89.00 USD, and it failed
    assert "pay_1001" in heard  # 1249.90 EUR
    assert "pay_1002" not in heard  # 10.10 USD
    assert "pay_1030" not in heard  # CNY has no threshold
