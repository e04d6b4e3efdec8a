from datetime import UTC, datetime, timedelta, timezone

import pytest
from rest_framework import serializers

from plumbing.fields import Integer, Strict, Text, Timestamp, VisibleText, rfc3339


class Parcel(Strict, serializers.Serializer):
    label = VisibleText(max_length=3)
    weight = Integer(min_value=0)
    note = Text(allow_null=True)
    sent_at = Timestamp(years=(1970, 2200))
    number = serializers.CharField(read_only=True)


GOOD = {"label": "A~!", "weight": 7, "note": None, "sent_at": "2026-11-22T13:27:24Z"}


def bad_members(**changes):
    parcel = Parcel(data=GOOD | changes)
    return set() if parcel.is_valid() else set(parcel.errors)


def taken_for(member, values):
    return [value for value in values if bad_members(**{member: value}) != {member}]


def test_what_fits_is_taken_as_it_is():
    parcel = Parcel(data=GOOD | {"note": " \t "})

    assert parcel.is_valid(), parcel.errors
    assert parcel.validated_data["note"] == " \t "


def test_only_a_string_of_at_least_one_character_is_text():
    assert taken_for("note", [7, 1.5, True, ["a"], {"a": 1}, "", "a\0", "\ud800"]) == []


def test_visible_text_is_ascii_without_spaces():
    assert taken_for("label", ["a b", "é", "a\n", "\x7f", "abcd", None]) == []


def test_only_a_json_integer_is_a_number():
    assert taken_for("weight", ["7", 7.0, True, None, -1]) == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T13:27:24Z", datetime(2026, 11, 22, 13, 27, 24, 0, UTC)),
        ("2026-11-22T13:27:24.1+05:30", datetime(2026, 11, 22, 7, 57, 24, 100000, UTC)),
        ("2024-02-29T23:59:59.123456-00:01", datetime(2024, 3, 1, 0, 0, 59, 123456, UTC)),
    ],
)
def test_a_time_becomes_utc(text, moment):
    taken = Timestamp().to_internal_value(text)

    assert taken == moment
    assert taken.utcoffset() == timedelta(0)


NO_TIMES = [
    "2026-11-22 13:27:24Z",
    "2026-11-22T13:27:24",
    "2026-11-22T13:27Z",
    "2026-11-22T13:27:24.Z",
    "2026-11-22T13:27:24.1234567Z",
    "2026-11-22T13:27:60Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T13:27:24+24:00",
    "2026-11-22T13:27:24+0100",
    "2026-11-22t13:27:24z",
    "2026-02-30T13:27:24Z",
    "٢٠٢٦-11-22T13:27:24Z",
    "2026-11-22T13:27:24Z\n",
    1795354044,
    None,
]


def test_what_is_not_rfc_3339_is_no_time():
    assert taken_for("sent_at", NO_TIMES) == []


OTHER_YEARS = [
    "1970-01-01T00:30:00+01:00",
    "2200-12-31T23:30:00-01:00",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
]


def test_the_year_counts_in_utc():
    assert taken_for("sent_at", OTHER_YEARS) == []


def test_a_time_is_written_in_utc_with_microseconds():
    moment = datetime(2026, 11, 22, 14, 27, 24, 0, timezone(timedelta(hours=1)))

    assert rfc3339(moment) == "2026-11-22T13:27:24.000000Z"


def test_an_unknown_member_and_a_read_only_one_are_reported_beside_the_rest():
    assert bad_members(colour="red", number="1", weight="7") == {"colour", "number", "weight"}
    assert bad_members(colour="red") == {"colour"}


def test_what_is_no_object_has_no_members_to_report():
    parcel = Parcel(data=["label"])

    assert not parcel.is_valid()
    assert "label" not in parcel.errors
