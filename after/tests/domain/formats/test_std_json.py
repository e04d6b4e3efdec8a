from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.builders import an_event

from .rendering import body, parsed


def test_the_event_is_written_in_the_order_of_the_documentation():
    assert body("std_json@1", an_event()) == (
        '{"type":"payment.captured","timestamp":"2026-11-22T13:27:24.123Z","data":{"payment_id":"pay_01",'
        '"amount":"10.10","currency":"USD","status":"captured","customer":{"id":"cus_1","name":"Zoë Müller",'
        '"email":"zoe@example.com","iban":"DE89370400440532013000"},"reference":null,"failure":null}}'
    )


def test_a_failure_is_nested():
    data = parsed("std_json@1", an_event(failure=("05", "Do not honour"), reference="R 1"))["data"]

    assert data["failure"] == {"code": "05", "message": "Do not honour"}
    assert data["reference"] == "R 1"


@pytest.mark.parametrize(
    "moment, written",
    [
        (datetime(2026, 11, 22, 13, 27, 59, 999999, UTC), "2026-11-22T13:27:59.999Z"),
        (datetime(2026, 11, 22, 13, 27, tzinfo=UTC), "2026-11-22T13:27:00.000Z"),
        (datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), "2025-12-31T23:30:00.000Z"),
    ],
)
def test_a_timestamp_is_utc_cut_to_milliseconds(moment, written):
    assert parsed("std_json@1", an_event(occurred_at=moment))["timestamp"] == written


def test_nulls_are_omitted_at_every_depth():
    event = an_event(customer={"email": None})

    data = parsed("std_json@1", event, null_policy="omit")["data"]

    assert list(data) == ["payment_id", "amount", "currency", "status", "customer"]
    assert list(data["customer"]) == ["id", "name", "iban"]


def test_nulls_are_empty_at_every_depth():
    data = parsed("std_json@1", an_event(customer={"iban": None}), null_policy="empty")["data"]

    assert (data["reference"], data["failure"], data["customer"]["iban"]) == ("", "", "")
    assert data["customer"]["email"] == "zoe@example.com"


def test_nulls_are_kept_where_the_client_says_so():
    event = an_event()

    assert body("std_json@1", event, {"null_policy": "keep"}) == body("std_json@1", event)


def test_a_renamed_key_keeps_its_place():
    data = parsed("std_json@1", an_event(), rename={"amount": "total", "status": "amount"})["data"]

    assert list(data) == ["payment_id", "total", "currency", "amount", "customer", "reference", "failure"]
    assert (data["total"], data["amount"]) == ("10.10", "captured")


def test_an_alias_stands_in_its_types_place():
    aliases = {"payment.captured": "PAID"}

    assert parsed("std_json@1", an_event(), event_aliases=aliases)["type"] == "PAID"
    assert parsed("std_json@1", an_event(type="payout.paid"), event_aliases=aliases)["type"] == "payout.paid"


def test_free_text_is_not_searched_for_what_is_masked():
    event = an_event(customer={"name": "Zoë"}, reference="for Zoë", failure=("05", "Zoë said no"))

    data = parsed("std_json@1", event, mask=["customer.name"])["data"]

    assert data["customer"]["name"] == "Z***"
    assert (data["reference"], data["failure"]["message"]) == ("for Zoë", "Zoë said no")
