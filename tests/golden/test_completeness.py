"""No format version goes without a case for an option that it takes or for an event that bites."""

from collections.abc import Iterable

import pytest
from cases import CASES, EVENTS, HERE, Case

OPTIONS = {
    "std_json@1": {"null_policy", "rename", "mask", "event_aliases"},
    "flat_camel@1": {"null_policy", "rename", "mask", "minor_units", "event_aliases"},
    "flat_camel@2": {"null_policy", "rename", "mask", "minor_units", "event_aliases"},
    "xml_bank@1": {"timezone", "mask", "event_aliases"},
    "form_legacy@1": {"timezone", "rename", "mask", "event_aliases"},
    "cloudevents@1": {"null_policy", "mask", "event_aliases"},
    "slack_blocks@1": {"threshold", "mask", "event_aliases"},
    "csv@1": {"timezone", "rename", "mask", "event_aliases"},
}

# The cases that every format version has for an option, if it takes it.
OPTION_CASES = {
    "null_policy": ("null-policy-keep", "null-policy-omit", "null-policy-empty"),
    "rename": ("rename-keeps-place", "rename-swaps-two"),
    "mask": ("mask-all",),
    "event_aliases": ("alias",),
    "minor_units": (
        "minor-units-half-rounds-to-zero",
        "minor-units-half-rounds-up-to-even",
        "minor-units-half-rounds-down-to-even",
        "minor-units-digits-added",
    ),
    "timezone": (
        "timezone-before-spring-change",
        "timezone-after-spring-change",
        "timezone-before-autumn-change",
        "timezone-after-autumn-change",
        "timezone-half-hour",
        "timezone-quarter-hour",
        "timezone-offset-with-seconds",
    ),
    "threshold": (
        "threshold-equal",
        "threshold-just-below",
        "threshold-compares-numbers",
        "threshold-of-another-currency",
        "threshold-above-a-failure",
    ),
}

# Events whose point is their time say nothing to a format that does not write it.
OF_TIME = {"leap-day", "east"}
WITHOUT_TIME = {"slack_blocks@1"}

# Cases that concern only one format, or all formats by the same rule and are shown on the first.
OWN_CASES = {
    "std_json@1": (
        "amount-two-decimals",
        "amount-one-decimal",
        "amount-leading-zeros",
        "amount-zeros-alone",
        "amount-fifteen-digits",
        "time-milliseconds-are-cut",
        "time-one-digit-fraction",
        "time-minus-zero-offset",
        "time-last-moment",
        "mask-name",
        "mask-email",
        "mask-iban",
        "mask-iban-of-eight",
        "mask-iban-of-seven",
        "mask-name-of-several-spaces",
        "mask-name-with-a-no-break-space",
        "mask-email-of-three",
        "mask-of-nulls",
        "mask-leaves-free-text",
    ),
    "flat_camel@1": (
        "time-milliseconds-are-cut",
        "time-first-moment",
        "minor-units-nineteen-digits",
    ),
    "flat_camel@2": ("status-sharp-s",),
    "xml_bank@1": ("characters-next-to-the-forbidden", "timezone-negative-half-hour"),
    "form_legacy@1": ("reserved-characters",),
    "cloudevents@1": ("alias-of-another-type",),
    "slack_blocks@1": (
        "failed-without-failure",
        "failure-of-another-type",
        "amount-pounds",
        "amount-yuan",
        "amount-dollars-of-fifteen-digits",
        "cut-inside-an-entity",
        "cut-after-the-first-character-of-an-entity",
        "cut-before-the-semicolon",
        "cut-after-an-entity",
        "cut-in-plain-text",
        "cut-not-at-three-thousand",
        "cut-counts-code-points",
        "cut-before-json-escapes",
    ),
    "csv@1": (
        "formula-starts",
        "formula-lookalikes",
        "formula-in-quotes",
        "semicolons-and-commas",
        "mask-keeps-a-formula",
        "mask-hides-a-formula",
    ),
}


def cases_of(format: str) -> list[Case]:
    return [case for case in CASES if case.format == format]


def names_of(cases: Iterable[Case]) -> set[str]:
    return {case.name for case in cases}


@pytest.mark.parametrize(
    ("format", "event"),
    [(format, event) for format in OPTIONS for event in EVENTS if not (format in WITHOUT_TIME and event in OF_TIME)],
)
def test_every_format_version_has_a_case_for_every_shared_event(format, event):
    assert event in {case.event_name for case in cases_of(format)}


@pytest.mark.parametrize(
    ("format", "option", "name"),
    [
        (f, option, name)
        for f, options in OPTIONS.items()
        for option in sorted(options)
        for name in OPTION_CASES[option]
    ],
)
def test_every_format_version_has_the_cases_of_its_options(format, option, name):
    assert name in names_of(case for case in cases_of(format) if option in case.options)


@pytest.mark.parametrize(("format", "name"), [(f, name) for f, names in OWN_CASES.items() for name in names])
def test_a_format_version_has_the_cases_of_its_own(format, name):
    assert name in names_of(cases_of(format))


def test_there_are_no_other_format_versions():
    assert {case.format for case in CASES} == OPTIONS.keys()


def test_no_case_sets_an_option_that_its_format_does_not_take():
    assert [str(case) for case in CASES if not case.options.keys() <= OPTIONS[case.format]] == []


def test_every_body_belongs_to_a_case():
    bodies = {file.with_suffix("") for file in HERE.rglob("*.body")}

    assert bodies == {HERE / str(case) for case in CASES if not case.skipped}


def test_every_reason_is_a_sentence():
    assert [str(case) for case in CASES if not case.why.endswith(".")] == []
