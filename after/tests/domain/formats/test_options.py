"""The allowed values of options. Their effects are in the tests of the formats."""

import pytest

from webhooks.domain.event import EventType
from webhooks.domain.formats.registry import get_format

from .rendering import problems

NOT_ALLOWED = "This value is not allowed."


@pytest.mark.parametrize(
    "pinned, options",
    [
        ("std_json@1", {}),
        ("std_json@1", {"null_policy": "keep"}),
        ("std_json@1", {"null_policy": "omit"}),
        ("std_json@1", {"null_policy": "empty"}),
        ("std_json@1", {"rename": {}}),
        ("std_json@1", {"rename": {"amount": "_a.b[0]-c", "status": "A" * 64}}),
        ("std_json@1", {"rename": {"amount": "status", "status": "amount"}}),
        ("std_json@1", {"rename": {"amount": "amount"}}),
        ("std_json@1", {"mask": []}),
        ("std_json@1", {"mask": ["customer.name", "customer.email", "customer.iban"]}),
        ("std_json@1", {"event_aliases": {"payment.captured": "1.a:b/c_d-e", "payout.paid": "A" * 64}}),
        ("flat_camel@1", {"minor_units": {"USD": 0, "JPY": 4}}),
        ("xml_bank@1", {"timezone": "Europe/Berlin"}),
        ("slack_blocks@1", {"threshold": {"USD": "10.10", "JPY": "0"}}),
        ("form_legacy@1", {"rename": {"customer[id]": "customer", "failure[message]": "event2"}}),
    ],
)
def test_these_options_are_in_order(pinned, options):
    assert problems(pinned, options) == []


@pytest.mark.parametrize(
    "pinned, options, path, message",
    [
        ("std_json@1", {"null_policy": "drop"}, "null_policy", NOT_ALLOWED),
        ("std_json@1", {"null_policy": None}, "null_policy", NOT_ALLOWED),
        ("std_json@1", {"rename": []}, "rename", NOT_ALLOWED),
        ("std_json@1", {"rename": {"amount": ""}}, "rename/amount", NOT_ALLOWED),
        ("std_json@1", {"rename": {"amount": "A" * 65}}, "rename/amount", NOT_ALLOWED),
        ("std_json@1", {"rename": {"amount": "1a"}}, "rename/amount", NOT_ALLOWED),
        ("std_json@1", {"rename": {"amount": "a b"}}, "rename/amount", NOT_ALLOWED),
        ("std_json@1", {"rename": {"amount": "a\n"}}, "rename/amount", NOT_ALLOWED),
        ("std_json@1", {"rename": {"amount": 7}}, "rename/amount", NOT_ALLOWED),
        ("std_json@1", {"rename": {"amountMinor": "a"}}, "rename/amountMinor", "There is no such member."),
        ("std_json@1", {"mask": "customer.name"}, "mask", NOT_ALLOWED),
        ("std_json@1", {"mask": ["customer.name", "customer.id"]}, "mask/1", NOT_ALLOWED),
        (
            "std_json@1",
            {"event_aliases": {"payment.lost": "x"}},
            "event_aliases/payment.lost",
            "There is no such member.",
        ),
        ("std_json@1", {"event_aliases": {"payout.paid": ""}}, "event_aliases/payout.paid", NOT_ALLOWED),
        ("std_json@1", {"event_aliases": {"payout.paid": "A" * 65}}, "event_aliases/payout.paid", NOT_ALLOWED),
        ("std_json@1", {"event_aliases": {"payout.paid": ".a"}}, "event_aliases/payout.paid", NOT_ALLOWED),
        ("std_json@1", {"event_aliases": {"payout.paid": "a b"}}, "event_aliases/payout.paid", NOT_ALLOWED),
        ("std_json@1", {"event_aliases": {"payout.paid": "a\n"}}, "event_aliases/payout.paid", NOT_ALLOWED),
        ("std_json@1", {"event_aliases": {"payout.paid": 1}}, "event_aliases/payout.paid", NOT_ALLOWED),
        ("std_json@1", {"timezone": "UTC"}, "timezone", "There is no such member."),
        ("flat_camel@1", {"minor_units": {"USD": 5}}, "minor_units/USD", NOT_ALLOWED),
        ("flat_camel@1", {"minor_units": {"USD": -1}}, "minor_units/USD", NOT_ALLOWED),
        ("flat_camel@1", {"minor_units": {"USD": 2.0}}, "minor_units/USD", NOT_ALLOWED),
        ("flat_camel@1", {"minor_units": {"USD": True}}, "minor_units/USD", NOT_ALLOWED),
        ("flat_camel@1", {"minor_units": {"USD": "2"}}, "minor_units/USD", NOT_ALLOWED),
        ("flat_camel@1", {"minor_units": {"XXX": 2}}, "minor_units/XXX", "There is no such member."),
        ("xml_bank@1", {"timezone": "Mars/Phobos"}, "timezone", "There is no such time zone."),
        ("xml_bank@1", {"timezone": "localtime"}, "timezone", "There is no such time zone."),
        ("xml_bank@1", {"timezone": "Factory"}, "timezone", "There is no such time zone."),
        ("xml_bank@1", {"timezone": "../UTC"}, "timezone", "There is no such time zone."),
        ("xml_bank@1", {"timezone": ""}, "timezone", "There is no such time zone."),
        ("xml_bank@1", {"timezone": 1}, "timezone", NOT_ALLOWED),
        ("xml_bank@1", {"timezone": ["UTC"]}, "timezone", NOT_ALLOWED),
        ("slack_blocks@1", {"threshold": {"USD": "1.001"}}, "threshold/USD", "USD has 2 decimals."),
        ("slack_blocks@1", {"threshold": {"USD": "x"}}, "threshold/USD", "Expected an amount such as 10.10."),
        ("slack_blocks@1", {"threshold": {"USD": 10}}, "threshold/USD", NOT_ALLOWED),
        ("slack_blocks@1", {"threshold": {"XXX": "1"}}, "threshold/XXX", "There is no such member."),
        ("slack_blocks@1", {"threshold": "10"}, "threshold", NOT_ALLOWED),
    ],
)
def test_a_bad_option_is_named(pinned, options, path, message):
    assert problems(pinned, options) == [(path, message)]


def test_every_bad_option_is_named_at_once():
    found = problems("csv@1", {"timezone": "Mars/Phobos", "b": 1, "a": 2, "mask": ["x"]})

    assert sorted(found) == [
        ("a", "There is no such member."),
        ("b", "There is no such member."),
        ("mask/0", NOT_ALLOWED),
        ("timezone", "There is no such time zone."),
    ]


@pytest.mark.parametrize(
    "rename, named",
    [
        ({"amount": "status"}, ["amount"]),
        ({"amount": "total", "status": "total"}, ["amount", "status"]),
        ({"amount": "total", "status": "total", "currency": "amount"}, ["amount", "status"]),
        ({"amount": "customer", "customer": "reference"}, ["customer"]),
    ],
)
def test_two_fields_of_one_name_are_named(rename, named):
    assert problems("std_json@1", {"rename": rename}) == [
        (f"rename/{field}", "Two fields would have this name. Choose another name.") for field in named
    ]


def test_each_version_renames_its_own_fields():
    assert problems("flat_camel@1", {"rename": {"currency": "ccy", "amountMinor": "a"}}) == []
    assert problems("flat_camel@2", {"rename": {"currency": "ccy"}}) == [
        ("rename/currency", "There is no such member.")
    ]
    assert problems("flat_camel@2", {"rename": {"amount": "a"}}) == []


FIELDS = {
    "std_json": ["payment_id", "amount", "currency", "status", "customer", "reference", "failure"],
    "flat_camel": [
        "eventType", "occurredAt", "paymentId", "amountMinor", "currency", "status", "customerId", "customerName",
        "customerEmail", "customerIban", "reference", "failureCode", "failureMessage",
    ],
    "csv": [
        "event", "date", "payment", "amount", "currency", "status", "customer[id]", "customer[name]",
        "customer[email]", "customer[iban]", "reference", "failure[code]", "failure[message]",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_the_schema_lists_the_fields_that_can_be_renamed(name):
    rename = get_format(name, 1).options_schema["properties"]["rename"]

    assert list(rename["properties"]) == FIELDS[name]
    assert rename["additionalProperties"] is False and rename["type"] == "object"


def test_a_schema_says_what_the_options_are():
    alias = {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}$(?!\n)"}

    assert get_format("xml_bank", 1).options_schema == {
        "type": "object",
        "properties": {
            "timezone": {
                "type": "string",
                "description": "A name of the IANA time zone database, as the tzdata package lists them",
            },
            "mask": {
                "type": "array",
                "uniqueItems": True,
                "items": {"enum": ["customer.name", "customer.email", "customer.iban"]},
            },
            "event_aliases": {
                "type": "object",
                "properties": dict.fromkeys(EventType, alias),
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    }


def test_a_schema_knows_every_active_currency_with_a_minor_unit():
    minor_units = get_format("flat_camel", 1).options_schema["properties"]["minor_units"]
    threshold = get_format("slack_blocks", 1).options_schema["properties"]["threshold"]

    assert minor_units["properties"]["CLF"] == {"type": "integer", "minimum": 0, "maximum": 4}
    assert threshold["properties"]["CLF"] == {
        "type": "string",
        "maxLength": 64,
        "description": "As an event's amount",
    }
    assert list(minor_units["properties"]) == list(threshold["properties"])
    assert "XAU" not in minor_units["properties"] and "DEM" not in minor_units["properties"]
