"""The ports of deliveries: `Outbox`, `DueDeliveries`, `AttemptRecords`, `Retries`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, a_customer
from webhooks.application.ports import NoSuchDelivery
from webhooks.domain.answers import AttemptError
from webhooks.domain.client import ClientStatus
from webhooks.domain.delivery import (
    CANCELLATION,
    Acknowledgement,
    Attempt,
    DeadDelivery,
    DeadLetter,
    DeliveryState,
    DueCondition,
    Endpoint,
    ImmediateRetry,
    LateAnswer,
    Lease,
    NewRound,
    PlannedRetry,
    Recovery,
    Status,
)

from .storages import a_new_delivery

DUE = DueCondition(NOW, NOW)
LATER = NOW + timedelta(minutes=5)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


# Added


def test_an_added_delivery_is_kept_whole(storage):
    acme = storage.add_client("acme")
    event = storage.add_event()

    storage.outbox.add(event, [a_new_delivery(acme, "dlv_1", next_attempt_at=LATER)], CANCELLATION)

    row = storage.delivery("dlv_1")
    assert (row.event_key, row.client_key, row.status, row.created_at) == (event, acme, Status.PENDING, NOW)
    assert (row.body, row.content_type, row.ack_rule) == (b'{"a":1}', "application/json", "2xx ok")
    assert (row.mask, row.next_attempt_at, row.skip_reason) == (("customer.name",), LATER, None)
    assert (row.attempt_count, row.failed_in_round, row.token, row.leased_until) == (0, 0, None, None)


def test_a_skipped_or_unrendered_delivery_is_stored_as_such(storage):
    acme, other = storage.add_client("acme"), storage.add_client("other")
    nothing = {"body": None, "next_attempt_at": None, "content_type": "", "mask": ()}

    storage.outbox.add(
        storage.add_event(),
        [
            a_new_delivery(acme, "dlv_1", status=Status.SKIPPED, skip_reason="below_threshold", **nothing),
            a_new_delivery(other, "dlv_2", status=Status.DEAD, **nothing),
        ],
        CANCELLATION,
    )

    skipped, dead = storage.delivery("dlv_1"), storage.delivery("dlv_2")
    assert (skipped.status, skipped.skip_reason, skipped.body) == (Status.SKIPPED, "below_threshold", None)
    assert (dead.status, dead.skip_reason, dead.body, dead.mask) == (Status.DEAD, None, None, ())


def test_a_client_that_was_deleted_meanwhile_has_nothing_pending(storage):
    acme, deleted = storage.add_client("acme"), storage.add_client("deleted", is_deleted=True)

    new = [a_new_delivery(acme, "dlv_1"), a_new_delivery(deleted, "dlv_2")]
    storage.outbox.add(storage.add_event(), new, CANCELLATION)

    assert (storage.status("dlv_1"), storage.status("dlv_2")) == (Status.PENDING, Status.CANCELLED)
    assert storage.delivery("dlv_2").next_attempt_at is None


# Waiting


def waiting(storage, now=NOW, due_by=None, limit=100, without=()):
    queues = storage.due_deliveries.queues(DueCondition(now, due_by or now), limit=limit, without=without)
    return [(queue.endpoint.slug, list(queue.keys)) for queue in queues]


def test_without_due_deliveries_no_client_waits(storage):
    acme = storage.add_client("acme")
    storage.add_delivery(acme, next_attempt_at=NOW + SECOND)

    assert waiting(storage) == []
    assert len(waiting(storage, NOW + SECOND)) == 1


def test_the_longest_wait_comes_first(storage):
    acme, other = storage.add_client("acme"), storage.add_client("other")
    first = storage.add_delivery(acme, "dlv_1", next_attempt_at=NOW - SECOND)
    longest = storage.add_delivery(other, "dlv_2", next_attempt_at=NOW - 3 * SECOND)
    second = storage.add_delivery(acme, "dlv_3", next_attempt_at=NOW)
    before = storage.add_delivery(acme, "dlv_4", next_attempt_at=NOW - 2 * SECOND)

    assert waiting(storage) == [("other", [longest]), ("acme", [before, first, second])]
    assert waiting(storage, limit=1) == [("other", [longest])]
    assert waiting(storage, without=[other]) == [("acme", [before, first, second])]


def test_a_queue_has_no_more_than_may_be_in_flight(storage):
    acme = storage.add_client("acme")
    keys = [
        storage.add_delivery(acme, f"dlv_{number}", next_attempt_at=NOW - (20 - number) * SECOND)
        for number in range(12)
    ]

    assert waiting(storage) == [("acme", keys[:10])]


def test_disabled_and_deleted_clients_do_not_wait(storage):
    asleep = storage.add_client("asleep", status=ClientStatus.DISABLED)
    deleted = storage.add_client("deleted")
    storage.add_delivery(asleep, "dlv_1")
    storage.add_delivery(deleted, "dlv_2")
    storage.delete_client(deleted)

    assert waiting(storage) == []


def test_only_what_is_pending_waits(storage):
    acme = storage.add_client("acme")
    for status in set(Status) - {Status.PENDING}:
        storage.add_delivery(acme, f"dlv_{status}", status=status, next_attempt_at=None)

    assert waiting(storage) == []


def test_a_leased_delivery_waits_again_only_after_its_lease_has_expired(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)
    storage.lease(key)

    assert waiting(storage, NOW + 90 * SECOND - timedelta(microseconds=1)) == []
    assert waiting(storage, NOW + 90 * SECOND) == [("acme", [key])]


def test_a_delivery_planned_for_later_is_not_found_yet(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme, "dlv_1", next_attempt_at=NOW)
    storage.add_delivery(acme, "dlv_2", next_attempt_at=NOW + SECOND)

    assert waiting(storage, NOW + 2 * SECOND, due_by=NOW) == [("acme", [key])]


def test_a_queue_knows_where_to_send_and_how_to_sign(storage):
    acme = storage.add_client(
        "acme",
        endpoint_url="https://acme.example/hooks",
        format_options={"mask": ["customer.iban"]},
        signing_secret="new",
        previous_secret="old",
        previous_expires_at=LATER,
    )
    storage.add_delivery(acme)

    (queue,) = storage.due_deliveries.queues(DUE, limit=1, without=())

    assert replace(queue.endpoint, mask=tuple(queue.endpoint.mask)) == Endpoint(
        acme, "acme", "https://acme.example/hooks", ("customer.iban",), "new", "old", LATER
    )


# Leased


def test_a_lease_is_taken_and_stored(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)

    (delivery,) = storage.lease(key, token="t1")

    row = storage.delivery("dlv_1")
    assert (row.token, row.leased_until) == ("t1", NOW + 90 * SECOND)
    assert (delivery.key, delivery.id, delivery.event_id) == (key, "dlv_1", "evt_of_dlv_1")
    assert (delivery.lease, delivery.lost_lease) == (Lease("t1", NOW + 90 * SECOND), None)
    assert (delivery.body, delivery.content_type, delivery.ack_rule) == (b'{"a":1}', "application/json", "2xx ok")
    assert (delivery.customer, list(delivery.mask), delivery.failed_before) == (a_customer(), ["customer.name"], 0)
    assert delivery.endpoint.slug == "acme"


def test_two_workers_never_hold_one_delivery_together(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)
    queues = storage.due_deliveries.queues(DUE, limit=10, without=())

    with storage.transaction():
        first = storage.due_deliveries.lease([key], queues, Lease("t1", NOW + 90 * SECOND), DUE)
    with storage.transaction():
        second = storage.due_deliveries.lease([key], queues, Lease("t2", NOW + 90 * SECOND), DUE)

    assert [delivery.key for delivery in first] == [key]
    assert second == []
    assert storage.delivery("dlv_1").token == "t1"


def test_only_the_deliveries_that_were_asked_for_are_leased(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme, "dlv_1")
    storage.add_delivery(acme, "dlv_2")

    assert [delivery.key for delivery in storage.lease(key)] == [key]
    assert storage.delivery("dlv_2").token is None


def test_a_delivery_that_is_no_longer_due_is_not_leased(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)
    queues = storage.due_deliveries.queues(DUE, limit=10, without=())
    storage.end(key, Status.CANCELLED)

    with storage.transaction():
        assert storage.due_deliveries.lease([key], queues, Lease("t1", LATER), DUE) == []

    assert storage.delivery("dlv_1").token is None


def test_an_expired_lease_is_handed_over(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)
    storage.lease(key, token="t1")

    (delivery,) = storage.lease(key, token="t2", now=LATER)

    assert delivery.lost_lease == Lease("t1", NOW + 90 * SECOND)
    assert (storage.delivery("dlv_1").token, storage.delivery("dlv_1").leased_until) == ("t2", LATER + 90 * SECOND)


def test_a_lease_beyond_any_clock_is_handed_over_at_once(storage):
    acme = storage.add_client("acme")
    ahead, held = storage.add_delivery(acme, "dlv_1"), storage.add_delivery(acme, "dlv_2")
    queues = storage.due_deliveries.queues(DUE, limit=10, without=())
    a_year_ahead = Lease("t1", NOW + timedelta(days=365))
    with storage.transaction():
        storage.due_deliveries.lease([ahead], queues, a_year_ahead, DUE)
        storage.due_deliveries.lease([held], queues, Lease("t2", NOW + 95 * SECOND), DUE)

    (queue,) = storage.due_deliveries.queues(DUE, limit=10, without=())
    (taken,) = storage.lease(ahead, token="t3")

    assert queue.keys == [ahead]
    assert taken.lost_lease == a_year_ahead


def test_tokens_belong_to_the_deliveries_that_still_exist(storage):
    acme = storage.add_client("acme")
    held, free = storage.add_delivery(acme, "dlv_1"), storage.add_delivery(acme, "dlv_2")
    storage.lease(held, token="t1")

    with storage.transaction():
        assert storage.attempt_records.lock_tokens([held, free, 10**6]) == {held: "t1", free: None}


# Recorded


def an_attempt(key, error=None, started_at=NOW, **changes):
    fields = {"duration_ms": 7, "response_status": 500 if error else 200, "response_excerpt": "said"}
    return Attempt(key, started_at, error=error and AttemptError(error), **fields | changes)


def test_a_delivered_delivery_is_recorded(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)
    storage.lease(key, token="t1")

    storage.attempt_records.record([Acknowledgement(an_attempt(key), "t1", 1)])

    row = storage.delivery("dlv_1")
    assert (row.status, row.attempt_count, row.failed_in_round) == (Status.DELIVERED, 1, 1)
    assert (row.next_attempt_at, row.token, row.leased_until) == (None, None, None)
    assert storage.attempts() == [an_attempt(key)]


def test_a_planned_attempt_is_recorded_and_the_lease_given_back(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)
    storage.lease(key, token="t1")

    storage.attempt_records.record([PlannedRetry(an_attempt(key, "bad_status"), "t1", 3, LATER)])

    row = storage.delivery("dlv_1")
    assert (row.status, row.attempt_count, row.failed_in_round) == (Status.PENDING, 1, 3)
    assert (row.next_attempt_at, row.token, row.leased_until) == (LATER, None, None)


def test_a_dead_delivery_is_recorded(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)
    storage.lease(key, token="t1")

    storage.attempt_records.record([DeadLetter(an_attempt(key, "timeout", response_status=None), "t1", 8)])

    row = storage.delivery("dlv_1")
    assert (row.status, row.attempt_count, row.failed_in_round) == (Status.DEAD, 1, 8)
    assert (row.next_attempt_at, row.token, row.leased_until) == (None, None, None)
    assert storage.attempts() == [an_attempt(key, "timeout", response_status=None)]


def test_an_interruption_is_recorded_and_the_lease_kept(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)
    storage.lease(key, token="t1")
    before = storage.delivery("dlv_1")

    storage.attempt_records.record([ImmediateRetry(an_attempt(key, "interrupted"), "t1", 4)])

    assert storage.delivery("dlv_1") == replace(before, attempt_count=1, failed_in_round=4)


def test_an_interruption_that_was_the_last_ends_the_lease(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)
    storage.lease(key, token="t1")

    storage.attempt_records.record([DeadLetter(an_attempt(key, "interrupted"), "t1", 8)])

    row = storage.delivery("dlv_1")
    assert (row.status, row.token, row.leased_until, row.next_attempt_at) == (Status.DEAD, None, None, None)


def test_a_late_answer_only_adds_an_attempt(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme)
    storage.lease(key, token="t2")
    before = storage.delivery("dlv_1")

    storage.attempt_records.record([LateAnswer(an_attempt(key))])

    assert storage.delivery("dlv_1") == replace(before, attempt_count=1)
    assert storage.attempts() == [an_attempt(key)]


def test_a_lease_that_was_lost_changes_nothing(storage):
    acme = storage.add_client("acme")
    keys = [storage.add_delivery(acme, f"dlv_{number}") for number in (1, 2, 3)]
    storage.lease(*keys, token="t2")
    before = [storage.delivery(f"dlv_{number}") for number in (1, 2, 3)]
    first, second, third = (an_attempt(key) for key in keys)

    storage.attempt_records.record(
        [Acknowledgement(first, "t1", 1), DeadLetter(second, "t1", 1), PlannedRetry(third, "t1", 1, LATER)]
    )

    after = [storage.delivery(f"dlv_{number}") for number in (1, 2, 3)]
    assert [replace(row, attempt_count=0) for row in after] == before


def test_attempts_are_kept_in_the_order_in_which_they_came(storage):
    acme = storage.add_client("acme")
    first, second = storage.add_delivery(acme, "dlv_1"), storage.add_delivery(acme, "dlv_2")
    storage.lease(first, second, token="t1")
    late, early = an_attempt(second, started_at=LATER), an_attempt(first, "bad_status", started_at=NOW)

    storage.attempt_records.record([Acknowledgement(late, "t1", 1), PlannedRetry(early, "t1", 1, LATER)])

    assert storage.attempts() == [late, early]
    assert (storage.status("dlv_1"), storage.status("dlv_2")) == (Status.PENDING, Status.DELIVERED)


def test_nothing_finished_and_nothing_is_recorded(storage):
    storage.attempt_records.record([])

    assert storage.attempts() == []


# The days on which attempts failed


def failed_days(storage, *moments, error="timeout", before=NOW + 9 * DAY):
    acme, other = storage.add_client("acme"), storage.add_client("other")
    key, others = storage.add_delivery(acme, "dlv_1"), storage.add_delivery(other, "dlv_2")
    attempts = [an_attempt(key, error, moment) for moment in moments] + [an_attempt(others, "tls", NOW + 7 * DAY)]
    storage.attempt_records.record([LateAnswer(attempt) for attempt in attempts])
    return storage.attempt_records.failed_days(acme, NOW, before)


def test_a_day_of_failures_has_24_hours_from_the_first(storage):
    moments = [NOW, NOW + DAY - SECOND, NOW + DAY, NOW + 2 * DAY - SECOND, NOW + 4 * DAY, NOW + 4 * DAY]

    assert failed_days(storage, *moments) == {1, 4}


def test_failures_before_the_first_and_from_the_end_on_are_left_out(storage):
    assert failed_days(storage, NOW - 2 * DAY, NOW + DAY, NOW + 3 * DAY, before=NOW + 3 * DAY) == {1}


@pytest.mark.parametrize("error", [None, "interrupted"])
def test_attempts_that_did_not_fail_make_no_day_of_failures(storage, error):
    assert failed_days(storage, NOW + DAY, error=error) == set()


# Retried, recovered, cancelled


def test_a_locked_delivery_has_the_stored_state(storage):
    acme = storage.add_client("acme")
    pending = storage.add_delivery(acme, "dlv_1")
    dead = storage.add_delivery(acme, "dlv_2", status=Status.DEAD, body=None, next_attempt_at=None)
    storage.lease(pending)

    with storage.transaction():
        assert storage.retries.lock("dlv_1", recent_from=NOW) == DeliveryState(
            pending, Status.PENDING, True, NOW + 90 * SECOND, client_is_active=True, recent_attempts=0
        )
        assert storage.retries.lock("dlv_2", recent_from=NOW) == DeliveryState(
            dead, Status.DEAD, False, None, client_is_active=True, recent_attempts=0
        )
        with pytest.raises(NoSuchDelivery):
            storage.retries.lock("dlv_3", recent_from=NOW)


def test_a_locked_delivery_knows_whether_its_client_is_active(storage):
    acme, asleep = storage.add_client("acme"), storage.add_client("asleep", status=ClientStatus.DISABLED)
    storage.add_delivery(acme, "dlv_1")
    storage.add_delivery(asleep, "dlv_2")
    storage.delete_client(acme)

    with storage.transaction():
        found = [storage.retries.lock(id, recent_from=NOW) for id in ("dlv_1", "dlv_2")]

    assert [delivery.client_is_active for delivery in found] == [False, False]


def test_making_a_delivery_due_changes_only_its_time(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme, "dlv_1", next_attempt_at=LATER)
    storage.add_delivery(acme, "dlv_2", next_attempt_at=LATER)
    before, others = storage.delivery("dlv_1"), storage.delivery("dlv_2")

    storage.retries.make_due(key, NOW)

    assert storage.delivery("dlv_1") == replace(before, next_attempt_at=NOW)
    assert storage.delivery("dlv_2") == others


def test_a_round_starts_from_nothing(storage):
    acme = storage.add_client("acme")
    key = storage.add_delivery(acme, "dlv_1")
    storage.add_delivery(acme, "dlv_2")
    others = storage.delivery("dlv_2")
    storage.lease(key, token="t1")
    storage.attempt_records.record([DeadLetter(an_attempt(key, "bad_status"), "t1", 8)])

    storage.retries.start_rounds([key], NewRound(LATER))

    row = storage.delivery("dlv_1")
    assert (row.status, row.next_attempt_at, row.failed_in_round) == (Status.PENDING, LATER, 0)
    assert (row.attempt_count, row.token, row.leased_until) == (1, None, None)
    assert storage.delivery("dlv_2") == others


def test_rounds_start_for_the_named_deliveries_alone(storage):
    acme = storage.add_client("acme")
    dead = {"status": Status.DEAD, "next_attempt_at": None}
    keys = [storage.add_delivery(acme, f"dlv_{n}", **dead) for n in range(3)]

    storage.retries.start_rounds(keys[:2], NewRound(LATER))

    assert [storage.status(f"dlv_{n}") for n in range(3)] == [Status.PENDING, Status.PENDING, Status.DEAD]


def dead_of(storage, client, *, behind=0, limit=10, recent_from=NOW):
    with storage.transaction():
        recovery = Recovery(client, NOW, NOW + 2 * SECOND)
        return storage.retries.recoverable(recovery, behind=behind, limit=limit, recent_from=recent_from)


def test_a_recovery_finds_the_clients_dead_deliveries_with_a_body(storage):
    acme, other = storage.add_client("acme"), storage.add_client("other")
    dead = {"status": Status.DEAD, "next_attempt_at": None}
    storage.add_delivery(acme, "dlv_before", created_at=NOW - SECOND, **dead)
    first = storage.add_delivery(acme, "dlv_first", created_at=NOW, **dead)
    last = storage.add_delivery(acme, "dlv_last", created_at=NOW + SECOND, **dead)
    storage.add_delivery(acme, "dlv_after", created_at=NOW + 2 * SECOND, **dead)
    storage.add_delivery(acme, "dlv_no_body", created_at=NOW, body=None, **dead)
    storage.add_delivery(acme, "dlv_done", created_at=NOW, **dead | {"status": Status.DELIVERED})
    storage.add_delivery(other, "dlv_other", created_at=NOW, **dead)

    assert dead_of(storage, acme) == [DeadDelivery(first, 0), DeadDelivery(last, 0)]


def test_the_dead_come_in_batches_in_the_order_of_their_keys(storage):
    acme = storage.add_client("acme")
    dead = {"status": Status.DEAD, "next_attempt_at": None}
    keys = [storage.add_delivery(acme, f"dlv_{n}", **dead) for n in range(5)]

    batches = [dead_of(storage, acme, limit=2), dead_of(storage, acme, limit=2, behind=keys[1])]

    assert [[delivery.key for delivery in batch] for batch in batches] == [keys[:2], keys[2:4]]


def test_recent_attempts_are_those_that_started_later(storage):
    acme = storage.add_client("acme")
    key, other = storage.add_delivery(acme, "dlv_1"), storage.add_delivery(acme, "dlv_2")
    storage.lease(key, token="t1")
    for moment in (NOW - SECOND, NOW, NOW + SECOND, NOW + 2 * SECOND):
        storage.attempt_records.record([DeadLetter(an_attempt(key, "bad_status", moment), "t1", 8)])
    storage.attempt_records.record([LateAnswer(an_attempt(other, started_at=NOW + SECOND))])

    with storage.transaction():
        assert storage.retries.lock("dlv_1", recent_from=NOW).recent_attempts == 2
    assert dead_of(storage, acme) == [DeadDelivery(key, 2)]


def test_only_a_clients_pending_deliveries_are_cancelled(storage):
    acme, other = storage.add_client("acme"), storage.add_client("other")
    storage.add_delivery(acme, "dlv_waiting")
    storage.add_delivery(acme, "dlv_done", status=Status.DELIVERED, next_attempt_at=None)
    storage.add_delivery(other, "dlv_other")
    storage.lease(storage.add_delivery(acme, "dlv_held"))

    assert storage.outbox.cancel(acme, CANCELLATION) == 2

    assert [storage.status(f"dlv_{name}") for name in ("waiting", "held", "done", "other")] == [
        Status.CANCELLED,
        Status.CANCELLED,
        Status.DELIVERED,
        Status.PENDING,
    ]
    row = storage.delivery("dlv_held")
    assert (row.token, row.leased_until, row.next_attempt_at) == (None, None, None)
