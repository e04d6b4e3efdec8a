"""A delivery's changes: prepared, attempted, interrupted, retried."""

from datetime import datetime, timedelta

import pytest

from tests.builders import LEASED_UNTIL, NOW, a_claimed_delivery, an_endpoint, an_event
from webhooks.domain.answers import AttemptError, ClientAnswer, NoAnswer
from webhooks.domain.delivery import (
    CANCELLATION,
    LEASE,
    Acknowledgement,
    Attempt,
    CannotRetry,
    DeadLetter,
    DeliveryState,
    DueCondition,
    ImmediateRetry,
    Lease,
    NewDelivery,
    NewRound,
    PlannedRetry,
    Recovery,
    Retry,
    Status,
    attempt_from,
    is_leased,
    not_rendered,
    outcome_of,
    outcome_of_interruption,
    prepared,
    retry_of,
)
from webhooks.domain.formats.format import Platform
from webhooks.domain.formats.registry import get_format


def a_delivery(format_name="std_json", **options):
    chosen = get_format(format_name, 1)
    return prepared(an_event(), chosen, options, Platform(), id="dlv_1", client_key=3, now=NOW)


def test_statuses_have_the_names_of_the_api():
    assert set(Status) == {"pending", "delivered", "dead", "skipped", "cancelled"}


def test_an_accepted_event_becomes_a_delivery_that_is_due_at_once():
    delivery = a_delivery("form_legacy", mask=["customer.iban"])

    assert delivery == NewDelivery(
        id="dlv_1",
        client_key=3,
        status=Status.PENDING,
        created_at=NOW,
        skip_reason=None,
        body=delivery.body,
        content_type="application/x-www-form-urlencoded; charset=utf-8",
        ack_rule="2xx [accepted]",
        mask=["customer.iban"],
        next_attempt_at=NOW,
    )
    assert delivery.body.startswith(b"event=payment.captured&") and b"DE***" not in delivery.body
    assert b"DE%2A%2A" in delivery.body


def test_what_the_format_skips_has_a_reason_and_no_body():
    delivery = a_delivery("slack_blocks", mask=["customer.name"])

    assert delivery == NewDelivery(
        "dlv_1", 3, Status.SKIPPED, NOW, skip_reason="below_threshold", mask=["customer.name"]
    )
    assert (delivery.body, delivery.next_attempt_at, delivery.content_type) == (None, None, "")


def test_a_delivery_that_could_not_be_rendered_is_dead_from_the_start():
    delivery = not_rendered(id="dlv_1", client_key=3, now=NOW, mask=["customer.name"])

    assert delivery == NewDelivery("dlv_1", 3, Status.DEAD, NOW, mask=["customer.name"])
    assert (delivery.body, delivery.next_attempt_at, delivery.ack_rule) == (None, None, "2xx")


def test_rendering_that_fails_is_the_callers_to_handle():
    with pytest.raises(KeyError):
        a_delivery("csv", timezone="Mars/Phobos")


def test_the_current_secret_signs():
    assert an_endpoint(secret="new").secrets_at(NOW) == ["new"]


def test_an_old_secret_signs_beside_it_until_the_overlap_ends():
    endpoint = an_endpoint(secret="new", previous_secret="old", previous_expires_at=NOW)

    assert endpoint.secrets_at(NOW - timedelta(microseconds=1)) == ["new", "old"]
    assert endpoint.secrets_at(NOW) == ["new"]


@pytest.mark.parametrize("previous, expires_at", [("old", None), (None, NOW), ("", NOW)])
def test_half_a_rotation_is_none(previous, expires_at):
    endpoint = an_endpoint(secret="new", previous_secret=previous, previous_expires_at=expires_at)

    assert endpoint.secrets_at(NOW - timedelta(days=1)) == ["new"]


@pytest.mark.parametrize(
    "url, host",
    [
        ("https://acme.example:8443/hooks?token=hunter2", "acme.example"),
        ("https://[2606:4700::1111]/", "2606:4700::1111"),
        ("https:///hooks", ""),
        ("https://[::1/", ""),
    ],
)
def test_a_log_names_the_host_and_no_more(url, host):
    assert an_endpoint(url=url).host == host


def test_a_secret_is_in_no_representation():
    endpoint = an_endpoint(secret="sealed-new", previous_secret="sealed-old")

    assert "sealed" not in repr(endpoint)


def test_an_answer_makes_an_attempt():
    delivery = a_claimed_delivery(ack_rule="2xx ok", key=7)

    attempt = attempt_from(delivery, NOW, ClientAnswer(200, b"no", duration_ms=12))

    assert attempt == Attempt(
        delivery_key=7,
        started_at=NOW,
        duration_ms=12,
        response_status=200,
        error=AttemptError.NOT_ACKNOWLEDGED,
        response_excerpt="no",
    )


def test_an_excerpt_is_masked_by_what_the_client_has_now_and_had_then():
    delivery = a_claimed_delivery(mask=["customer.email"], endpoint=an_endpoint(mask=["customer.name"]))

    attempt = attempt_from(
        delivery, NOW, ClientAnswer(500, "Zoë Müller zoe@example.com DE89370400440532013000".encode())
    )

    assert attempt.response_excerpt == "Z*** M*** z***@example.com DE89370400440532013000"


def settle(delivery, answer, **changes):
    attempt = attempt_from(delivery, NOW, answer)
    return attempt, outcome_of(delivery, attempt, answer, **{"now": NOW, "jitter_factor": 1.0} | changes)


def test_an_acknowledged_delivery_is_delivered():
    attempt, change = settle(a_claimed_delivery(failed_before=3), ClientAnswer(200))

    assert change == Acknowledgement(attempt, "token", attempts_in_round=4)


def test_the_eighth_attempt_may_be_the_good_one():
    _, change = settle(a_claimed_delivery(failed_before=7), ClientAnswer(200))

    assert isinstance(change, Acknowledgement)


def test_a_failed_delivery_is_planned_again():
    attempt, change = settle(a_claimed_delivery(failed_before=1), ClientAnswer(500), jitter_factor=1.2)

    assert change == PlannedRetry(attempt, "token", 2, next_attempt_at=NOW + timedelta(seconds=360))


def test_a_failed_delivery_obeys_the_clients_retry_after():
    _, change = settle(a_claimed_delivery(), ClientAnswer(503, retry_after=NOW + timedelta(seconds=7)))

    assert change.next_attempt_at == NOW + timedelta(seconds=7)


@pytest.mark.parametrize("failed_before", [7, 8])
def test_the_eighth_failure_is_the_end(failed_before):
    attempt, change = settle(a_claimed_delivery(failed_before=failed_before), ClientAnswer(500))

    assert change == DeadLetter(attempt, "token", failed_before + 1)


def test_the_seventh_failure_is_not_the_end():
    _, change = settle(a_claimed_delivery(failed_before=6), ClientAnswer(500))

    assert isinstance(change, PlannedRetry)


def test_an_attempt_without_an_answer_is_tried_again():
    attempt, change = settle(a_claimed_delivery(), NoAnswer(AttemptError.TIMEOUT, duration_ms=15_000))

    assert attempt == Attempt(7, NOW, 15_000, response_status=None, error=AttemptError.TIMEOUT, response_excerpt="")
    assert change == PlannedRetry(attempt, "token", 1, next_attempt_at=NOW + timedelta(seconds=5))


def test_a_lease_is_ninety_seconds():
    assert timedelta(seconds=90) == LEASE


def test_an_interruption_is_an_attempt_that_lasted_as_long_as_its_lease():
    delivery = a_claimed_delivery(key=7, failed_before=2)

    change = outcome_of_interruption(delivery, Lease("lost", LEASED_UNTIL), now=LEASED_UNTIL + LEASE)

    assert change.attempt == Attempt(
        delivery_key=7, started_at=LEASED_UNTIL - LEASE, duration_ms=90_000, error=AttemptError.INTERRUPTED
    )
    assert (change.attempt.response_status, change.attempt.response_excerpt) == (None, "")


def test_a_lease_beyond_any_clock_is_invalid_and_began_at_least_90_seconds_ago():
    lost = Lease("lost", NOW + timedelta(days=365))

    change = outcome_of_interruption(a_claimed_delivery(), lost, now=NOW)

    assert not is_leased(lost.until, NOW)
    assert change.attempt.started_at == NOW - LEASE


@pytest.mark.parametrize(
    ("until", "holds"),
    [
        (None, False),
        (NOW, False),
        (NOW + timedelta(microseconds=1), True),
        (NOW + timedelta(seconds=95), True),
        (NOW + timedelta(seconds=95, microseconds=1), False),
    ],
)
def test_a_lease_holds_until_its_end_and_no_host_is_more_than_five_seconds_ahead(until, holds):
    assert is_leased(until, NOW) is holds


def test_an_interrupted_delivery_stays_with_the_worker_that_claimed_it():
    change = outcome_of_interruption(a_claimed_delivery(failed_before=6), Lease("lost", LEASED_UNTIL), now=LEASED_UNTIL)

    assert change == ImmediateRetry(change.attempt, "token", attempts_in_round=7)


def test_the_eighth_interruption_is_the_end():
    change = outcome_of_interruption(a_claimed_delivery(failed_before=7), Lease("lost", LEASED_UNTIL), now=LEASED_UNTIL)

    assert change == DeadLetter(change.attempt, "token", attempts_in_round=8)


def a_delivery_state(
    status, leased_until: datetime | None = None, is_rendered=True, client_is_active=True, recent_attempts=0
):
    return DeliveryState(7, Status(status), is_rendered, leased_until, client_is_active, recent_attempts)


@pytest.mark.parametrize("leased_until", [None, NOW, NOW - timedelta(seconds=1)])
def test_a_retry_makes_a_pending_delivery_due_now(leased_until):
    assert retry_of(a_delivery_state("pending", leased_until), NOW) is Retry.DUE_NOW


def test_a_retry_leaves_what_is_being_sent():
    assert retry_of(a_delivery_state("pending", NOW + timedelta(microseconds=1)), NOW) is Retry.NOTHING


@pytest.mark.parametrize("status", ["dead", "delivered"])
def test_a_retry_of_an_ended_delivery_starts_a_round(status):
    assert retry_of(a_delivery_state(status), NOW) is Retry.NEW_ROUND


@pytest.mark.parametrize("status", ["dead", "delivered"])
def test_a_delivery_with_a_hundred_attempts_in_a_day_starts_no_round(status):
    assert retry_of(a_delivery_state(status, recent_attempts=99), NOW) is Retry.NEW_ROUND
    with pytest.raises(CannotRetry, match=r"^The delivery had 100 attempts in the last 24 hours\. Retry it later\.$"):
        retry_of(a_delivery_state(status, recent_attempts=100), NOW)


def test_a_pending_delivery_is_due_now_after_any_number_of_attempts():
    assert retry_of(a_delivery_state("pending", recent_attempts=100), NOW) is Retry.DUE_NOW


@pytest.mark.parametrize("status", ["pending", "dead", "delivered", "skipped", "cancelled"])
def test_a_disabled_or_deleted_clients_delivery_cannot_be_retried(status):
    with pytest.raises(CannotRetry, match=r"^The client is disabled or deleted\.$"):
        retry_of(a_delivery_state(status, client_is_active=False), NOW)


@pytest.mark.parametrize("status", ["skipped", "cancelled"])
def test_a_skipped_or_cancelled_delivery_is_not_retried(status):
    with pytest.raises(CannotRetry, match=f"^The delivery is {status}\\.$"):
        retry_of(a_delivery_state(status, is_rendered=False), NOW)


def test_a_delivery_without_a_body_is_not_retried():
    with pytest.raises(CannotRetry, match=r"^The delivery has no body, because rendering failed\.$"):
        retry_of(a_delivery_state("dead", is_rendered=False), NOW)


DUE = DueCondition(NOW, due_by=NOW)
A_MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("status", "next_attempt_at", "leased_until", "is_due"),
    [
        ("pending", NOW, None, True),
        ("pending", NOW - A_MOMENT, NOW, True),
        ("pending", NOW + A_MOMENT, None, False),
        ("pending", None, None, False),
        ("pending", NOW, NOW + A_MOMENT, False),
        ("pending", NOW, NOW + timedelta(days=1), True),
        ("dead", NOW, None, False),
    ],
)
def test_a_pending_delivery_is_due_when_its_time_has_come_and_no_worker_holds_it(
    status, next_attempt_at, leased_until, is_due
):
    assert DUE.includes(Status(status), next_attempt_at, leased_until) is is_due


def test_a_worker_may_ask_for_what_was_planned_by_an_earlier_time():
    earlier = DueCondition(NOW, due_by=NOW - A_MOMENT)

    assert not earlier.includes(Status.PENDING, NOW, None)


@pytest.mark.parametrize(
    ("changes", "is_included"),
    [
        ({}, True),
        ({"client_key": 4}, False),
        ({"status": Status.DELIVERED}, False),
        ({"status": Status.PENDING}, False),
        ({"is_rendered": False}, False),
        ({"created_at": NOW + timedelta(days=1) - A_MOMENT}, True),
        ({"created_at": NOW + timedelta(days=1)}, False),
        ({"created_at": NOW - A_MOMENT}, False),
    ],
)
def test_a_recovery_takes_the_dead_deliveries_of_its_time_that_have_a_body(changes, is_included):
    recovery = Recovery(3, since=NOW, until=NOW + timedelta(days=1))
    delivery = {"client_key": 3, "status": Status.DEAD, "created_at": NOW, "is_rendered": True} | changes

    assert recovery.includes(**delivery) is is_included


def test_a_new_round_has_all_its_attempts_ahead():
    assert NewRound(NOW) == NewRound(NOW, Status.PENDING, attempts_in_round=0)


def test_pending_deliveries_are_cancelled():
    assert (CANCELLATION.of, CANCELLATION.status) == (Status.PENDING, Status.CANCELLED)


def test_every_status_but_pending_is_an_end():
    assert [status for status in Status if not status.has_ended] == [Status.PENDING]
