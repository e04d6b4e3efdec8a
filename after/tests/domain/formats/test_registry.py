"""The list of formats, and each format's description of itself."""

import pytest

from tests.builders import an_event
from webhooks.domain.formats.format import ANY_BODY, Platform
from webhooks.domain.formats.registry import ack_of, all_formats, format_problems, get_format

from .rendering import body

SHEET = {
    "cloudevents@1": ("application/cloudevents+json; charset=utf-8", "2xx", "null_policy mask event_aliases"),
    "csv@1": ("text/csv; charset=utf-8; header=present", "2xx", "timezone rename mask event_aliases"),
    "flat_camel@1": ("application/json", "2xx", "null_policy rename mask minor_units event_aliases"),
    "flat_camel@2": ("application/json", "2xx", "null_policy rename mask minor_units event_aliases"),
    "form_legacy@1": (
        "application/x-www-form-urlencoded; charset=utf-8",
        "2xx [accepted]",
        "timezone rename mask event_aliases",
    ),
    "slack_blocks@1": ("application/json", "2xx ok", "threshold mask event_aliases"),
    "std_json@1": ("application/json", "2xx", "null_policy rename mask event_aliases"),
    "xml_bank@1": ("application/xml; charset=utf-8", '2xx <Ack code="0">', "timezone mask event_aliases"),
}


def test_every_format_says_what_it_writes_takes_and_is_acknowledged_by():
    found = {
        f"{format_.name}@{format_.version}": (
            format_.content_type,
            format_.ack.rule,
            " ".join(option.name for option in format_.options),
        )
        for format_ in all_formats()
    }

    assert found == SHEET
    assert list(found) == sorted(SHEET)


@pytest.mark.parametrize("pinned", SHEET)
def test_every_format_writes_its_body_as_utf_8_and_masks_it(pinned):
    name, _, version = pinned.partition("@")
    event = an_event(customer={"name": "Zoë"})
    mask = {"mask": ["customer.name", "customer.email", "customer.iban"]}

    shown = get_format(name, int(version)).render(event, {}, Platform())
    hidden = body(pinned, event, mask)

    assert "Zoë" in shown.decode() or b"Zo%C3%AB" in shown
    assert "Zo" not in hidden and "zoe@" not in hidden and "DE89" not in hidden


@pytest.mark.parametrize("pinned", sorted(set(SHEET) - {"slack_blocks@1"}))
def test_every_format_but_slacks_sends_every_event(pinned):
    name, _, version = pinned.partition("@")

    assert get_format(name, int(version)).skip_reason(an_event("0"), {}) is None


@pytest.mark.parametrize("name, version", [("std_json", 2), ("flat_camel", 3), ("yaml", 1)])
def test_a_format_that_does_not_exist_is_not_found(name, version):
    with pytest.raises(KeyError):
        get_format(name, version)


def test_an_ack_rule_finds_what_it_was_frozen_for():
    assert ack_of("2xx ok") is get_format("slack_blocks", 1).ack
    assert ack_of("2xx [accepted]") is get_format("form_legacy", 1).ack
    assert ack_of("2xx") is ANY_BODY


def test_an_unknown_ack_rule_only_needs_a_2xx():
    assert ack_of("2xx and a smile") is ANY_BODY
    assert ANY_BODY.accepts(b"") and ANY_BODY.rule == "2xx"


def problems(name, version, options):
    return [(problem.path, problem.message) for problem in format_problems(name, version, options)]


def test_a_pin_that_is_in_order_has_no_problems():
    assert problems("csv", 1, {"timezone": "Asia/Tokyo"}) == []
    assert problems("flat_camel", 2, {}) == []


def test_an_unknown_name_is_the_only_problem():
    assert problems("yaml", 1, {"colour": "red"}) == [
        (
            ("name",),
            "One of cloudevents, csv, flat_camel, form_legacy, slack_blocks, std_json, xml_bank was expected.",
        )
    ]


def test_an_unknown_version_is_the_only_problem():
    assert problems("flat_camel", 3, {"colour": "red"}) == [(("version",), "flat_camel has the versions 1, 2.")]
    assert problems("csv", 2, {}) == [(("version",), "csv has the versions 1.")]


def test_bad_options_are_all_named_below_options():
    found = problems("flat_camel", 1, {"colour": "red", "mask": ["customer.id"], "null_policy": "drop"})

    assert sorted(found) == [
        (("options", "colour"), "There is no such member."),
        (("options", "mask", 0), "This value is not allowed."),
        (("options", "null_policy"), "This value is not allowed."),
    ]
