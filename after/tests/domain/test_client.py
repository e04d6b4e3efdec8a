"""A client's health, and what a client key cannot loosen."""

from datetime import timedelta

import pytest

from tests.builders import NOW
from webhooks.domain.answers import AttemptError
from webhooks.domain.client import (
    AddsEventTypes,
    ClientCannotLoosen,
    ClientChange,
    ClientSettings,
    ClientStatus,
    DisabledReason,
    EndsOperatorsDisablement,
    Health,
    PinnedFormat,
    RemovesMaskEntries,
    Role,
    day_of,
    start_of,
    takes_deliveries,
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


def test_an_interrupted_attempt_is_not_the_clients_fault():
    assert HEALTHY.after_attempt(AttemptError.INTERRUPTED, None, NOW) == HEALTHY


def test_an_attempt_starts_or_stops_the_clock_or_disables():
    failing = HEALTHY.after_attempt(AttemptError.TIMEOUT, None, NOW)

    assert failing == Health(failing_since=NOW)
    assert failing.after_attempt(None, 200, NOW) == HEALTHY
    assert failing.after_attempt(AttemptError.BAD_STATUS, 410, NOW) == disabled("gone", NOW)
    assert failing.after_attempt(AttemptError.BAD_STATUS, 500, NOW + FIVE_DAYS, {1, 2}) == disabled("failing", NOW)


@pytest.mark.parametrize("reason", ["operator", "client", "gone", "failing"])
def test_a_disabled_client_keeps_its_reason(reason):
    health = disabled(reason, NOW)

    assert health.after_failure(NOW + FIVE_DAYS, gone=False) == health
    assert health.after_failure(NOW, gone=True) == health


@pytest.mark.parametrize("reason", ["operator", "client", "gone", "failing"])
def test_an_operators_disabled_takes_the_disablement_over(reason):
    taken_over = disabled(reason, NOW).after_change_to(ClientStatus.DISABLED, Role.OPERATOR)

    assert taken_over == disabled("operator", NOW)


@pytest.mark.parametrize("reason", ["operator", "client", "gone", "failing"])
def test_a_clients_disabled_changes_nothing_where_it_is_disabled(reason):
    health = disabled(reason, NOW)

    assert health.after_change_to(ClientStatus.DISABLED, Role.CLIENT) == health


def test_an_active_client_is_disabled_by_who_asked():
    assert HEALTHY.after_change_to(ClientStatus.DISABLED, Role.OPERATOR) == disabled("operator")
    assert HEALTHY.after_change_to(ClientStatus.DISABLED, Role.CLIENT) == disabled("client")
    failing = Health(failing_since=NOW)
    assert failing.after_change_to(ClientStatus.DISABLED, Role.CLIENT) == disabled("client", NOW)


@pytest.mark.parametrize("asked_by", Role)
@pytest.mark.parametrize("reason", ["operator", "client", "gone", "failing"])
def test_enabling_clears_the_reason_and_the_failure_clock(reason, asked_by):
    assert disabled(reason, NOW).after_change_to(ClientStatus.ACTIVE, asked_by) == HEALTHY


@pytest.mark.parametrize("asked_by", Role)
def test_enabling_what_is_active_keeps_the_failure_clock(asked_by):
    failing = Health(failing_since=NOW)

    assert failing.after_change_to(ClientStatus.ACTIVE, asked_by) == failing


def settings(event_types=("*",), mask=(), health=HEALTHY):
    return ClientSettings(tuple(event_types), frozenset(mask), health)


def pinned(mask, name="std_json"):
    return PinnedFormat(name, 1, {"mask": list(mask)})


@pytest.mark.parametrize(
    "before, after, added",
    [
        (["payment.*"], ["payment.failed"], set()),
        (["*"], ["payment.*", "payout.paid"], set()),
        (["payment.*", "payout.paid"], ["*"], set()),
        (["payment.failed"], [], set()),
        (["payment.failed"], ["payment.failed"], set()),
        (["payment.failed"], ["payment.captured"], {"payment.captured"}),
        (["payment.*"], ["*"], {"payout.paid"}),
        ([], ["payout.paid"], {"payout.paid"}),
    ],
)
def test_a_client_adds_no_event_type_that_was_not_covered(before, after, added):
    loosenings = settings(before).loosened_by(ClientChange(event_types=tuple(after)), Role.CLIENT)

    assert loosenings == ([AddsEventTypes(frozenset(added))] if added else [])


@pytest.mark.parametrize(
    "before, after, removed",
    [
        ([], [], set()),
        ([], ["customer.name"], set()),
        (["customer.name"], ["customer.iban", "customer.name"], set()),
        (["customer.name"], ["customer.iban"], {"customer.name"}),
        (["customer.name"], [], {"customer.name"}),
        (["customer.name", "customer.iban"], ["customer.name"], {"customer.iban"}),
    ],
)
def test_a_client_removes_no_mask_entry_whatever_format_it_pins(before, after, removed):
    for name in ("std_json", "csv"):
        change = ClientChange(format=pinned(after, name))

        loosenings = settings(mask=before).loosened_by(change, Role.CLIENT)

        assert loosenings == ([RemovesMaskEntries(frozenset(removed))] if removed else [])


def test_a_format_without_options_masks_nothing():
    assert PinnedFormat("std_json", 1, {}).mask == frozenset()


@pytest.mark.parametrize(
    "health, status, is_refused",
    [
        (disabled("operator"), "active", True),
        (disabled("operator"), "disabled", False),
        (disabled("client"), "active", False),
        (disabled("gone"), "active", False),
        (disabled("failing"), "active", False),
        (HEALTHY, "active", False),
    ],
)
def test_only_an_operator_ends_what_an_operator_began(health, status, is_refused):
    change = ClientChange(status=ClientStatus(status))

    loosenings = settings(health=health).loosened_by(change, Role.CLIENT)

    assert loosenings == ([EndsOperatorsDisablement()] if is_refused else [])


def test_what_a_change_leaves_out_is_not_loosened():
    strict = settings([], ["customer.name"], disabled("operator"))

    assert strict.loosened_by(ClientChange(name="New", endpoint_url="https://new.example/"), Role.CLIENT) == []


def test_a_change_that_loosens_is_refused_with_everything_that_it_loosens():
    strict = settings([], ["customer.name"], disabled("operator"))
    change = ClientChange(event_types=("payout.paid",), format=pinned([]), status=ClientStatus.ACTIVE)

    with pytest.raises(ClientCannotLoosen) as refusal:
        strict.health_after(change, Role.CLIENT)

    added, removed = AddsEventTypes(frozenset({"payout.paid"})), RemovesMaskEntries(frozenset({"customer.name"}))
    assert refusal.value.loosenings == [added, removed, EndsOperatorsDisablement()]


def test_an_operator_may_loosen_everything():
    strict = settings([], ["customer.name"], disabled("operator"))
    change = ClientChange(event_types=("*",), format=pinned([]), status=ClientStatus.ACTIVE)

    assert strict.health_after(change, Role.OPERATOR) == HEALTHY


def test_a_change_without_a_status_keeps_the_health():
    failing = settings(health=Health(failing_since=NOW))

    assert failing.health_after(ClientChange(name="New"), Role.CLIENT) == Health(failing_since=NOW)


def test_a_client_takes_deliveries_unless_it_was_disabled_or_deleted():
    assert takes_deliveries(ClientStatus.ACTIVE, is_deleted=False)
    assert not takes_deliveries(ClientStatus.DISABLED, is_deleted=False)
    assert not takes_deliveries(ClientStatus.ACTIVE, is_deleted=True)
