"""The fields of POST /v1/events, one by one."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from plumbing.problems import pointers
from webhooks.examples import example_event
from webhooks.serializers import EventSerializer

EXAMPLE = example_event(datetime(2026, 11, 22, 13, 27, 24, 123456, UTC))
ABSENT = object()
NULLABLE = ["/data/customer/email", "/data/customer/iban", "/data/reference", "/data/failure"]
NOT_NULLABLE = [
    "/type",
    "/occurred_at",
    "/data",
    "/data/payment_id",
    "/data/amount",
    "/data/currency",
    "/data/status",
    "/data/customer",
    "/data/customer/id",
    "/data/customer/name",
]


def changed(changes):
    """The example with the values at these pointers changed, added or ABSENT."""
    event = deepcopy(EXAMPLE)
    for pointer, value in changes.items():
        at = event
        *outer, last = pointer.lstrip("/").split("/")
        for name in outer:
            at = at[name]
        if value is ABSENT:
            del at[last]
        else:
            at[last] = value
    return event


def errors_in(event):
    serializer = EventSerializer(data=event)
    serializer.is_valid()
    return {pointer for pointer, _ in pointers(serializer.errors)}


def refused_at(pointer, values):
    """The values for which the answer names this member, and no other."""
    return [value for value in values if errors_in(changed({pointer: value})) == {pointer}]


def taken_at(pointer, values):
    return [value for value in values if not errors_in(changed({pointer: value}))]


def test_the_example_is_an_event():
    assert errors_in(EXAMPLE) == set()


def test_every_member_is_required():
    for pointer in NULLABLE + NOT_NULLABLE:
        assert errors_in(changed({pointer: ABSENT})) == {pointer}


def test_an_unknown_member_is_named():
    for pointer in ("/colour", "/id", "/data/colour", "/data/customer/colour", "/data/\0"):
        assert errors_in(changed({pointer: "red"})) == {pointer}


def test_some_members_may_be_null_and_the_others_may_not():
    for pointer in NULLABLE:
        assert errors_in(changed({pointer: None})) == set()
    for pointer in NOT_NULLABLE:
        assert errors_in(changed({pointer: None})) == {pointer}


@pytest.mark.parametrize(
    ("failure", "named"),
    [
        ({"code": "05"}, "/data/failure/message"),
        ({"message": "no"}, "/data/failure/code"),
        ({"code": None, "message": "no"}, "/data/failure/code"),
        ({"code": "05", "message": "no", "colour": "red"}, "/data/failure/colour"),
        ({"code": "x" * 33, "message": "no"}, "/data/failure/code"),
        ({"code": "05", "message": "x" * 501}, "/data/failure/message"),
        ("05", "/data/failure"),
    ],
)
def test_a_failure_is_null_or_a_code_and_a_message(failure, named):
    assert errors_in(changed({"/data/failure": failure})) == {named}


@pytest.mark.parametrize(
    ("pointer", "longest"),
    [
        ("/data/payment_id", 64),
        ("/data/customer/id", 64),
        ("/data/status", 32),
        ("/data/customer/iban", 34),
        ("/data/customer/name", 140),
        ("/data/reference", 140),
    ],
)
def test_a_text_has_a_length_from_one_character(pointer, longest):
    assert taken_at(pointer, ["x", "x" * longest]) == ["x", "x" * longest]
    assert refused_at(pointer, ["", "x" * (longest + 1)]) == ["", "x" * (longest + 1)]


def test_a_length_counts_code_points():
    assert errors_in(changed({"/data/reference": "😀" * 140})) == set()


def test_an_id_has_visible_characters_alone():
    for pointer in ("/data/payment_id", "/data/customer/id"):
        assert refused_at(pointer, ["a b", "é", "a\n"]) == ["a b", "é", "a\n"]


def test_an_email_has_one_at_inside():
    good = ["a@b", "a b@c", "x" * 252 + "@y"]
    bad = ["a", "@", "@b", "a@", "a@b@c", "x" * 253 + "@y"]

    assert taken_at("/data/customer/email", good) == good
    assert refused_at("/data/customer/email", bad) == bad


def test_a_type_is_one_of_five():
    bad = ["payment.lost", "payment.*", "*", "PAYMENT.CAPTURED", ""]

    assert refused_at("/type", bad) == bad


@pytest.mark.parametrize(
    ("currency", "text", "amount"),
    [
        ("USD", "10.10", "10.10"),
        ("USD", "10", "10"),
        ("USD", "00010.1", "10.1"),
        ("USD", "0.00", "0"),
        ("USD", "9999999999999.99", "9999999999999.99"),
        ("JPY", "999999999999999", "999999999999999"),
        ("KWD", "1.234", "1.234"),
        ("CLF", "1.2345", "1.2345"),
    ],
)
def test_an_amount_has_as_many_decimals_as_its_currency_at_most(currency, text, amount):
    serializer = EventSerializer(data=changed({"/data/currency": currency, "/data/amount": text}))

    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data["amount"] == Decimal(amount)


def test_an_amount_is_digits_and_a_point():
    bad = [".5", "5.", "1,5", "+1", "-1", "1e3", " 1", "1\n", "١", "NaN", "", 10.1, 10, None, ["1"]]

    assert refused_at("/data/amount", bad) == bad


def test_an_amount_has_no_decimal_too_many_and_at_most_15_digits():
    for currency, bad in (
        ("USD", ["10.101", "10.100", "10000000000000", "1" * 10_000]),
        ("JPY", ["1.0", "1000000000000000"]),
        ("CLF", ["1.23456", "100000000000"]),
    ):
        for text in bad:
            assert errors_in(changed({"/data/currency": currency, "/data/amount": text})) == {"/data/amount"}


def test_a_currency_is_active_and_has_a_minor_unit():
    for currency in ("usd", "XAU", "DEM", "XXX", "US", "USDX", "", 840):
        event = changed({"/data/currency": currency, "/data/amount": "10.12345"})
        assert errors_in(event) == {"/data/currency"}


def test_all_that_is_wrong_is_named_at_once():
    event = changed({"/type": "x", "/data/amount": "-1", "/data/customer/name": "", "/data/failure": {}, "/extra": 1})

    assert errors_in(event) == {
        "/type",
        "/data/amount",
        "/data/customer/name",
        "/data/failure/code",
        "/data/failure/message",
        "/extra",
    }


def test_data_is_an_object():
    assert refused_at("/data", [[], "x", 7]) == [[], "x", 7]
