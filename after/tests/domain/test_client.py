"""A client's health, and what a client key cannot loosen."""

from datetime import timedelta

import pytest

from tests.builders import NOW
from webhooks.domain.client import (
    ClientStatus,
    DisabledReason,
    Health,
    adds_event_types,
    day_of,
    leaves_an_operators_disablement,
    removes_masks,
    start_of,
)

FIVE_DAYS = timedelta(days=5)
HEALTHY = Health()


def disabled(reason, failing_since=None):
    return Health(ClientStatus.DISABLED, DisabledReason(reason), failing_since)


def test_a_new_client_is_active():
    assert Health(ClientStatus.ACTIVE, None, None) == HEALTHY
    assert HEALTHY.is_active
    assert not disabled("client").is_active


def test_statuses_and_reasons_have_the_names_of_the_api():
    assert set(ClientStatus) == {"active", "disabled"}
    assert set(DisabledReason) == {"operator", "client", "gone", "failing"}


def test_the_first_failure_starts_the_clock_and_the_next_does_not_restart_it():
    once = HEALTHY.after_failure(NOW, gone=False)
    twice = once.after_failure(NOW + timedelta(hours=1), gone=False)

    assert once == Health(failing_since=NOW)
    assert twice == once


def test_a_success_stops_the_clock():
    assert Health(failing_since=NOW).after_success() == HEALTHY


def test_a_success_does_not_enable_what_was_disabled():
    assert disabled("operator", NOW).after_success() == disabled("operator")


def test_five_days_of_failing_disable_the_client():
    failing = Health(failing_since=NOW)

    just_before = NOW + FIVE_DAYS - timedelta(microseconds=1)

    assert failing.after_failure(NOW + FIVE_DAYS, gone=False, failed_days={1, 2}) == disabled("failing", NOW)
    assert failing.after_failure(just_before, gone=False, failed_days={1, 2, 3}) == failing
    assert failing.has_failed_for_long(NOW + FIVE_DAYS) and not failing.has_failed_for_long(just_before)


@pytest.mark.parametrize("failed_days", [(), {1}, {0, 1}, {1, 5}, {0, 5}])
def test_failures_on_three_days_of_five_disable_nobody(failed_days):
    failing = Health(failing_since=NOW)

    assert failing.after_failure(NOW + FIVE_DAYS, gone=False, failed_days=failed_days) == failing


def test_a_day_of_failures_has_24_hours_from_the_first_failure():
    a_moment = timedelta(microseconds=1)

    assert [day_of(NOW + timedelta(days=1) + later, NOW) for later in (-a_moment, 0 * a_moment)] == [0, 1]
    assert start_of(3, NOW) == NOW + timedelta(days=3)


def test_a_client_that_is_gone_is_disabled_at_once():
    assert HEALTHY.after_failure(NOW, gone=True) == disabled("gone")
    assert Health(failing_since=NOW).after_failure(NOW + FIVE_DAYS, gone=True) == disabled("gone", NOW)


@pytest.mark.parametrize("reason", ["operator", "client", "gone", "failing"])
def test_what_is_disabled_keeps_its_reason(reason):
    health = disabled(reason, NOW)

    assert health.after_failure(NOW + FIVE_DAYS, gone=False) == health
    assert health.after_failure(NOW, gone=True) == health


@pytest.mark.parametrize("reason", ["operator", "client", "gone", "failing"])
def test_an_operators_disabled_takes_the_disablement_over(reason):
    taken_over = disabled(reason, NOW).asked_to_be(ClientStatus.DISABLED, by_operator=True)

    assert taken_over == disabled("operator", NOW)


@pytest.mark.parametrize("reason", ["operator", "client", "gone", "failing"])
def test_a_clients_disabled_changes_nothing_where_it_is_disabled(reason):
    health = disabled(reason, NOW)

    assert health.asked_to_be(ClientStatus.DISABLED, by_operator=False) == health


def test_an_active_client_is_disabled_by_who_asked():
    assert HEALTHY.asked_to_be(ClientStatus.DISABLED, by_operator=True) == disabled("operator")
    assert HEALTHY.asked_to_be(ClientStatus.DISABLED, by_operator=False) == disabled("client")
    failing = Health(failing_since=NOW)
    assert failing.asked_to_be(ClientStatus.DISABLED, by_operator=False) == disabled("client", NOW)


@pytest.mark.parametrize("by_operator", [True, False])
@pytest.mark.parametrize("reason", ["operator", "client", "gone", "failing"])
def test_enabling_clears_the_reason_and_the_failure_clock(reason, by_operator):
    assert disabled(reason, NOW).asked_to_be(ClientStatus.ACTIVE, by_operator=by_operator) == HEALTHY


@pytest.mark.parametrize("by_operator", [True, False])
def test_enabling_what_is_active_keeps_the_failure_clock(by_operator):
    failing = Health(failing_since=NOW)

    assert failing.asked_to_be(ClientStatus.ACTIVE, by_operator=by_operator) == failing


@pytest.mark.parametrize(
    "before, after, adds",
    [
        (["payment.*"], ["payment.failed"], False),
        (["*"], ["payment.*", "payout.paid"], False),
        (["payment.*", "payout.paid"], ["*"], False),
        (["payment.failed"], [], False),
        (["payment.failed"], ["payment.failed"], False),
        (["payment.failed"], ["payment.captured"], True),
        (["payment.*"], ["*"], True),
        ([], ["payout.paid"], True),
    ],
)
def test_a_type_that_was_not_covered_before_is_added(before, after, adds):
    assert adds_event_types(before, after) is adds


@pytest.mark.parametrize(
    "before, after, removes",
    [
        ({}, {}, False),
        ({}, {"mask": ["customer.name"]}, False),
        ({"mask": []}, {}, False),
        ({"mask": ["customer.name"]}, {"mask": ["customer.iban", "customer.name"]}, False),
        ({"mask": ["customer.name"]}, {"mask": ["customer.iban"]}, True),
        ({"mask": ["customer.name"]}, {}, True),
        ({"mask": ["customer.name", "customer.iban"]}, {"mask": ["customer.name"]}, True),
    ],
)
def test_a_mask_that_is_left_out_is_removed(before, after, removes):
    assert removes_masks(before, after) is removes


@pytest.mark.parametrize(
    "status, reason, wanted, leaves",
    [
        ("disabled", "operator", "active", True),
        ("disabled", "operator", "disabled", False),
        ("disabled", "client", "active", False),
        ("disabled", "gone", "active", False),
        ("disabled", "failing", "active", False),
        ("active", None, "active", False),
    ],
)
def test_only_an_operator_ends_what_an_operator_began(status, reason, wanted, leaves):
    assert leaves_an_operators_disablement(status, reason, wanted=wanted) is leaves
