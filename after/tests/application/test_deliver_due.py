"""A worker's turns: what it claims, what it sends, what it records."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, an_event
from webhooks.application.ports import OutgoingRequest
from webhooks.domain.answers import AttemptError, ClientAnswer
from webhooks.domain.client import ClientStatus, DisabledReason, Health
from webhooks.domain.delivery import LEASE, Attempt, Status

OK, FAILED, GONE = ClientAnswer(200, b"ok", duration_ms=5), ClientAnswer(500, b"no", duration_ms=7), ClientAnswer(410)


def health_of(world, client) -> Health:
    return world.client_row(client).health


# Claiming


def test_a_due_delivery_is_claimed_under_a_lease(world):
    world.client()
    world.accept()

    (delivery,) = world.claim()

    assert delivery.key == world.row.key
    assert delivery.lease.until == world.row.leased_until == NOW + LEASE
    assert delivery.lease.token == world.row.token
    assert delivery.lost_lease is None


def test_a_leased_delivery_is_not_claimed_again(world):
    world.client()
    world.accept()
    world.claim()

    assert world.claim() == []


def test_a_delivery_planned_for_later_waits(world):
    world.client()
    world.accept()
    world.set(world.row, next_attempt_at=NOW + timedelta(seconds=1))

    assert world.claim() == []
    world.clock.pass_by(seconds=1)
    assert len(world.claim()) == 1


def test_each_claim_has_a_token_of_its_own(world):
    world.client()
    world.accept()
    world.accept()

    (first,), (second,) = world.claim(slots=1), world.claim(slots=1)

    assert first.lease.token != second.lease.token


@pytest.mark.parametrize("columns", [{"status": ClientStatus.DISABLED}, {"is_deleted": True}])
def test_a_disabled_or_deleted_client_is_sent_nothing(world, columns):
    client = world.client()
    world.accept()
    world.set_client(client, **columns)

    assert world.claim() == []


def test_no_more_is_claimed_than_can_start(world):
    for number in range(5):
        world.client(f"c{number}")
    world.accept()

    assert len(world.claim(slots=2)) == 2
    assert world.claim(slots=0) == []


def test_a_client_with_ten_in_flight_gets_none(world):
    busy = world.client("busy")
    world.accept()
    quick = world.client("quick")
    world.accept()

    claimed = world.claim(slots=1, in_flight={busy: 10})

    assert [delivery.endpoint.client_key for delivery in claimed] == [quick]


def test_a_client_with_nine_in_flight_gets_one_more(world):
    busy = world.client("busy")
    world.accept()
    world.accept()

    assert len(world.claim(slots=1, in_flight={busy: 9})) == 1
    assert world.claim(slots=1, in_flight={busy: 10}) == []


def test_a_client_with_some_in_flight_does_not_hide_one_with_none(world):
    hanging = [world.client(f"hanging-{number}") for number in range(3)]
    for _ in range(2):
        world.accept()
    world.clock.pass_by(seconds=1)
    quick = world.client("quick", event_types=["payout.paid"])
    world.accept(an_event(type="payout.paid"))

    (delivery,) = world.claim(slots=1, in_flight=dict.fromkeys(hanging, 1))

    assert delivery.endpoint.client_key == quick


def test_once_takes_the_deliveries_that_were_due_at_its_start(world):
    world.client()
    world.accept()
    world.clock.pass_by(minutes=1)
    world.accept()

    claimed = world.claim(due_by=NOW)

    assert [delivery.key for delivery in claimed] == [world.rows[0].key]
    assert world.rows[1].token is None


def test_once_does_not_take_a_lease_back_that_runs_out_meanwhile(world):
    world.client()
    world.accept()
    world.claim()
    world.clock.pass_by(seconds=89)

    assert world.claim(due_by=NOW) == []
    world.clock.pass_by(seconds=1)
    assert len(world.claim(due_by=NOW)) == 1


# Sending


def test_what_is_sent_is_the_frozen_body_to_where_the_client_is_today(world):
    client = world.client(signing_secret="sealed:old")
    accepted = world.accept()
    world.set_client(client, endpoint_url="https://new.example/", format_name="csv", signing_secret="sealed:new")
    world.set_client(client, previous_secret="sealed:old", previous_expires_at=NOW + timedelta(hours=1))

    world.deliver()

    secrets = ["sealed:new", "sealed:old"]
    assert world.sender.sent == [
        OutgoingRequest(client, "https://new.example/", accepted.id, "application/json", world.row.body, secrets)
    ]
    assert world.row.body.startswith(b'{"type":"payment.captured"')


def test_a_good_answer_ends_a_delivery(world):
    world.client()
    world.accept()
    world.answers(OK)

    assert world.deliver() == 1

    row = world.row
    assert (row.status, row.attempt_count, row.failed_in_round) == (Status.DELIVERED, 1, 1)
    assert (row.next_attempt_at, row.token, row.leased_until) == (None, None, None)
    assert world.attempts == [Attempt(row.key, NOW, 5, 200, None, "ok")]


def test_a_bad_answer_plans_the_next_attempt(world):
    world.client()
    world.accept()
    world.answers(FAILED)

    assert world.deliver() == 1

    row = world.row
    assert (row.status, row.attempt_count, row.failed_in_round) == (Status.PENDING, 1, 1)
    assert (row.next_attempt_at, row.token, row.leased_until) == (NOW + timedelta(seconds=5), None, None)
    assert world.errors == [AttemptError.BAD_STATUS]


@pytest.mark.parametrize("leans, seconds", [(-1, 4), (0, 5), (1, 6)])
def test_a_wait_is_stretched_at_random(world, leans, seconds):
    world.client()
    world.accept()
    world.answers(FAILED)
    world.randomness.leans = leans

    world.deliver()

    assert world.row.next_attempt_at == NOW + timedelta(seconds=seconds)


def test_a_wait_is_counted_from_when_the_answer_is_recorded(world):
    world.client()
    world.accept()
    (delivery,) = world.claim()
    world.answers(ClientAnswer(503, retry_after=NOW + timedelta(seconds=18)))

    finished = world.deliver_due.send(delivery)
    world.clock.pass_by(seconds=10)
    world.hand_in(finished)

    assert finished.attempt.started_at == world.attempts[0].started_at == NOW
    assert world.row.next_attempt_at == NOW + timedelta(seconds=18)


def test_the_clients_retry_after_counts_up_to_twice_the_wait(world):
    world.client()
    world.accept()
    world.answers(ClientAnswer(429, retry_after=timedelta(hours=3)))

    world.deliver()

    assert world.row.next_attempt_at == NOW + timedelta(seconds=10)


def test_eight_failures_end_a_delivery(world):
    world.client()
    world.accept()
    world.answers(FAILED)

    for _ in range(9):
        world.deliver()
        world.clock.pass_by(hours=12)

    assert (world.row.status, world.row.attempt_count, world.row.next_attempt_at) == (Status.DEAD, 8, None)
    assert world.errors == [AttemptError.BAD_STATUS] * 8


def test_the_ack_rule_of_the_body_decides_whatever_the_client_pins_today(world):
    client = world.client(format_name="slack_blocks", format_options={"threshold": {"USD": "0"}})
    world.accept()
    world.set_client(client, format_name="std_json")
    world.answers(ClientAnswer(200, b"fine"))

    world.deliver()

    assert world.errors == [AttemptError.NOT_ACKNOWLEDGED]


def test_an_excerpt_hides_what_then_or_now_is_masked(world):
    client = world.client(format_options={"mask": ["customer.email"]})
    world.accept()
    world.set_client(client, format_options={"mask": ["customer.iban"]})
    world.answers(ClientAnswer(500, b"zoe@example.com DE89370400440532013000"))

    world.deliver()

    assert world.attempts[0].response_excerpt == "z***@example.com DE****************3000"


def test_an_attempt_is_logged_with_ids_and_the_host_alone(world, log_lines):
    client = world.client()
    accepted = world.accept()
    world.set_client(client, endpoint_url="https://acme.example/hooks?token=hunter2")
    world.answers(ClientAnswer(500, b"zoe@example.com", duration_ms=7))

    world.deliver()

    (line,) = [line for line in log_lines() if line["event"] == "attempt"]
    assert (line["event_id"], line["delivery_id"], line["client"]) == (accepted.id, world.row.id, "acme")
    assert (line["host"], line["response_status"]) == ("acme.example", 500)
    assert (line["error"], line["duration_ms"]) == ("bad_status", 7)
    assert "hunter2" not in str(log_lines()) and "zoe@" not in str(log_lines())


def test_a_good_attempt_is_logged_without_an_error(world, log_lines):
    world.client()
    world.accept()

    world.deliver()

    (line,) = [line for line in log_lines() if line["event"] == "attempt"]
    assert (line["error"], line["response_status"]) == (None, 200)


def test_an_unreadable_secret_is_our_fault_and_not_the_clients(world, log_lines):
    client = world.client(signing_secret="of another key")
    world.accept()

    world.deliver()

    assert world.sender.sent == []
    assert world.errors == [AttemptError.INTERRUPTED]
    assert world.attempts[0].response_status is None
    assert (world.row.status, world.row.failed_in_round) == (Status.PENDING, 1)
    assert health_of(world, client) == Health()
    (line,) = [line for line in log_lines() if line["event"] == "secret_unreadable"]
    assert (line["client"], line["delivery_id"]) == ("acme", world.row.id)


# Crashes, and answers that come late


def held_by_a_worker_that_died(world):
    """A delivery whose worker died before it recorded its attempt."""
    (delivery,) = world.claim()
    world.clock.pass_by(seconds=90)
    return delivery


def test_a_worker_that_claims_an_expired_lease_records_the_interruption_and_sends(world, log_lines):
    client = world.client()
    accepted = world.accept()
    lost = held_by_a_worker_that_died(world)
    logged = len(log_lines())

    (found,) = world.claim()

    assert world.attempts == [Attempt(lost.key, NOW, 90_000, None, AttemptError.INTERRUPTED)]
    assert (found.key, found.failed_before) == (lost.key, 1)
    assert found.lease.token == world.row.token != lost.lease.token
    assert world.row.leased_until == NOW + 2 * LEASE
    assert (world.row.status, world.row.attempt_count, world.row.failed_in_round) == (Status.PENDING, 1, 1)
    assert health_of(world, client) == Health()
    (line,) = log_lines()[logged:]
    assert line["event"] == "interrupted"
    assert (line["client"], line["delivery_id"], line["event_id"]) == ("acme", world.row.id, accepted.id)


def test_a_lease_that_has_not_run_out_is_left_alone(world):
    world.client()
    world.accept()
    world.claim()
    world.clock.pass_by(seconds=89)

    assert world.claim() == []
    assert world.attempts == []


def test_after_an_interruption_the_next_failure_counts_on(world):
    world.client()
    world.accept()
    held_by_a_worker_that_died(world)
    world.answers(FAILED)

    world.deliver()

    assert (world.row.attempt_count, world.row.failed_in_round) == (2, 2)
    assert world.row.next_attempt_at == world.clock.now() + timedelta(seconds=300)


def test_the_eighth_interruption_is_the_end_and_is_not_sent(world):
    world.client()
    world.accept()
    world.set(world.row, failed_in_round=7, attempt_count=7)
    held_by_a_worker_that_died(world)

    assert world.deliver() == 0

    assert (world.row.status, world.row.attempt_count) == (Status.DEAD, 8)
    assert (world.row.token, world.row.leased_until, world.row.next_attempt_at) == (None, None, None)
    assert world.errors == [AttemptError.INTERRUPTED]


def test_the_seventh_interruption_is_sent_once_more(world):
    world.client()
    world.accept()
    world.set(world.row, failed_in_round=6)
    held_by_a_worker_that_died(world)

    (found,) = world.claim()

    assert found.failed_before == 7


def test_what_is_due_behind_deliveries_that_end_is_found_in_the_same_turn(world):
    world.client()
    for _ in range(10):
        world.accept()
    for row in world.rows:
        world.set(row, failed_in_round=7)
    assert len(world.claim(slots=10)) == 10
    world.clock.pass_by(seconds=90)
    world.accept()
    world.accept()

    claimed = world.claim(slots=10)

    assert {delivery.key for delivery in claimed} == {row.key for row in world.rows[10:]}
    assert [row.status for row in world.rows[:10]] == [Status.DEAD] * 10


def test_the_search_after_interruptions_uses_the_same_limits(world):
    busy = world.client("busy")
    world.accept()
    world.set(world.row, failed_in_round=7)
    world.claim()
    world.clock.pass_by(seconds=90)
    world.accept()

    assert world.claim(slots=1, in_flight={busy: 9}, due_by=NOW) == []
    assert [row.status for row in world.rows] == [Status.DEAD, Status.PENDING]


def test_of_several_only_those_that_live_are_sent(world):
    world.client()
    world.accept()
    world.accept()
    first, second = world.rows
    world.set(first, failed_in_round=7)
    world.claim(slots=1)
    world.clock.pass_by(seconds=90)

    claimed = world.claim(slots=2)

    assert [(delivery.key, delivery.failed_before) for delivery in claimed] == [(second.key, 0)]
    assert [row.status for row in world.rows] == [Status.DEAD, Status.PENDING]


def test_an_answer_after_the_lease_was_lost_adds_an_attempt_and_no_state(world):
    client = world.client()
    world.accept()
    late = world.deliver_due.send(held_by_a_worker_that_died(world))
    world.claim()
    before = world.row

    world.hand_in(late)

    assert world.row == replace(before, attempt_count=2)
    assert world.errors == [AttemptError.INTERRUPTED, None]
    assert health_of(world, client) == Health()


def test_a_late_answer_of_a_client_that_is_gone_changes_nothing_either(world):
    client = world.client()
    world.accept()
    world.answers(GONE)
    late = world.deliver_due.send(held_by_a_worker_that_died(world))
    world.claim()

    world.hand_in(late)

    assert health_of(world, client) == Health()
    assert world.row.status is Status.PENDING


def test_an_answer_after_the_delivery_was_cancelled_adds_an_attempt_and_no_state(world):
    world.client()
    world.accept()
    (delivery,) = world.claim()
    world.set(world.row, status=Status.CANCELLED, next_attempt_at=None, token=None, leased_until=None)

    world.hand_in(world.deliver_due.send(delivery))

    assert (world.row.status, world.row.attempt_count) == (Status.CANCELLED, 1)
    assert world.errors == [None]


def test_a_delivery_that_was_pruned_meanwhile_leaves_nothing(world, log_lines):
    world.client()
    world.accept()
    (delivery,) = world.claim()
    finished = world.deliver_due.send(delivery)
    world.lose(delivery.key)

    world.hand_in(finished)

    assert world.attempts == []
    assert "attempt" in [line["event"] for line in log_lines()]


def test_the_rest_of_a_batch_is_recorded_beside_one_that_was_pruned(world):
    world.client()
    world.accept()
    world.accept()
    finished = [world.deliver_due.send(delivery) for delivery in world.claim()]
    world.lose(finished[0].delivery.key)

    world.hand_in(*finished)

    assert world.row.status is Status.DELIVERED


def test_a_batch_is_not_stored_if_recording_fails(world):
    client = world.client()
    world.accept()
    (delivery,) = world.claim()
    world.answers(FAILED)
    finished = world.deliver_due.send(delivery)

    def full_disk(key, health):
        raise OSError("No space left on device")

    world.clients.save_health = full_disk
    with pytest.raises(OSError, match="No space left"):
        world.hand_in(finished)

    assert world.attempts == []
    assert (world.row.status, world.row.token) == (Status.PENDING, delivery.lease.token)
    assert health_of(world, client) == Health()


def test_a_claim_is_undone_if_its_interruptions_cannot_be_recorded(world):
    world.client()
    world.accept()
    lost = held_by_a_worker_that_died(world)

    def full_disk(outcomes):
        raise OSError("No space left on device")

    world.attempt_records.record = full_disk
    with pytest.raises(OSError, match="No space left"):
        world.claim()

    assert world.row.token == lost.lease.token


def test_recording_and_claiming_are_one_commit(world):
    world.client()
    world.accept()
    world.accept()
    (delivery,) = world.claim(slots=1)
    finished = world.deliver_due.send(delivery)
    queues = world.due_deliveries.queues

    def full_disk(*args, **options):
        raise OSError("No space left on device")

    world.due_deliveries.queues = full_disk
    with pytest.raises(OSError, match="No space left"):
        world.deliver_due.record_and_claim([finished], Counter(), 1)
    world.due_deliveries.queues = queues

    assert world.attempts == []
    assert world.rows[0].token == delivery.lease.token


# What answers do to the client


def test_the_first_failure_starts_the_clients_clock(world):
    client = world.client()
    world.accept()
    world.answers(FAILED)
    (delivery,) = world.claim()
    finished = world.deliver_due.send(delivery)
    world.clock.pass_by(seconds=3)

    world.hand_in(finished)

    assert health_of(world, client) == Health(failing_since=NOW + timedelta(seconds=3))


def test_a_success_stops_the_clock(world):
    client = world.client(failing_since=NOW - timedelta(days=4))
    world.accept()

    world.deliver()

    assert health_of(world, client) == Health()


def test_five_days_of_failing_disable_the_client(world, log_lines):
    client = world.client(failing_since=NOW - timedelta(days=5))
    world.accept()
    world.answers(FAILED)
    for days in (4, 3):
        world.failed(world.row, NOW - timedelta(days=days))

    world.deliver()

    assert health_of(world, client).disabled_reason is DisabledReason.FAILING
    assert world.row.status is Status.PENDING
    (line,) = [line for line in log_lines() if line["event"] == "client_disabled"]
    assert (line["client"], line["reason"]) == ("acme", "failing")


def test_a_failure_five_days_after_a_single_one_disables_nobody(world):
    client = world.client(failing_since=NOW - timedelta(days=5))
    world.accept()
    world.answers(FAILED)

    world.deliver()

    assert health_of(world, client) == Health(failing_since=NOW - timedelta(days=5))


def test_a_client_that_is_gone_is_disabled_even_with_the_last_attempt(world, log_lines):
    client = world.client()
    world.accept()
    world.set(world.row, failed_in_round=7)
    world.answers(replace(GONE, failure=AttemptError.TOO_LARGE))

    world.deliver()

    assert health_of(world, client) == Health(ClientStatus.DISABLED, DisabledReason.GONE)
    assert world.row.status is Status.DEAD
    assert [line["reason"] for line in log_lines() if line["event"] == "client_disabled"] == ["gone"]


def test_only_410_is_gone(world):
    client = world.client()
    world.accept()
    world.answers(ClientAnswer(404))

    world.deliver()

    assert health_of(world, client).is_active


def test_a_client_that_was_disabled_meanwhile_keeps_its_reason(world, log_lines):
    client = world.client()
    world.accept()
    (delivery,) = world.claim()
    world.answers(GONE)
    finished = world.deliver_due.send(delivery)
    world.set_client(client, status=ClientStatus.DISABLED, disabled_reason=DisabledReason.OPERATOR)

    world.hand_in(finished)

    assert health_of(world, client) == Health(ClientStatus.DISABLED, DisabledReason.OPERATOR)
    assert "client_disabled" not in [line["event"] for line in log_lines()]


def test_a_success_of_a_disabled_client_stops_its_clock_and_logs_no_disablement(world, log_lines):
    client = world.client()
    world.accept()
    (delivery,) = world.claim()
    finished = world.deliver_due.send(delivery)
    world.set_client(client, failing_since=NOW, status=ClientStatus.DISABLED, disabled_reason=DisabledReason.CLIENT)

    world.hand_in(finished)

    assert health_of(world, client) == Health(ClientStatus.DISABLED, DisabledReason.CLIENT)
    assert "client_disabled" not in [line["event"] for line in log_lines()]


def test_answers_of_one_batch_are_taken_in_their_order(world):
    client = world.client()
    world.accept()
    world.accept()
    world.answers(FAILED, OK)
    claimed = sorted(world.claim(), key=lambda delivery: delivery.key)
    failed, delivered = [world.deliver_due.send(delivery) for delivery in claimed]

    world.hand_in(failed, delivered)

    assert health_of(world, client) == Health()
    assert [row.status for row in world.rows] == [Status.PENDING, Status.DELIVERED]
    assert world.errors == [AttemptError.BAD_STATUS, None]


def test_the_last_answer_of_a_batch_decides(world):
    client = world.client()
    world.accept()
    world.accept()
    world.answers(OK, FAILED)
    delivered, failed = [world.deliver_due.send(delivery) for delivery in world.claim()]

    world.hand_in(delivered, failed)

    assert health_of(world, client) == Health(failing_since=NOW)


def test_each_clients_answers_are_its_own(world):
    acme, other = world.client("acme"), world.client("other")
    world.accept()
    world.sender.answers = lambda request: FAILED if "acme" in request.url else OK

    assert world.deliver() == 2

    assert health_of(world, acme) == Health(failing_since=NOW)
    assert health_of(world, other) == Health()
    assert (world.row_of(acme).status, world.row_of(other).status) == (Status.PENDING, Status.DELIVERED)


def test_what_goes_out_shows_no_secret(world):
    world.client(signing_secret="sealed:hunter2")
    world.accept()

    world.deliver()

    (request,) = world.sender.sent
    assert "hunter2" not in repr(request) and request.secrets == ["sealed:hunter2"]


def test_a_turn_records_and_claims(world):
    world.client()
    world.accept()
    world.accept()
    (delivery,) = world.claim(slots=1)
    finished = world.deliver_due.send(delivery)

    claimed = world.deliver_due.record_and_claim([finished], Counter(), 1)

    assert [delivery.key for delivery in claimed] == [world.rows[1].key]
    assert world.rows[0].status is Status.DELIVERED


def test_a_turn_without_slots_only_records(world):
    world.client()
    world.accept()
    world.accept()
    (delivery,) = world.claim(slots=1)

    assert world.deliver_due.record_and_claim([world.deliver_due.send(delivery)], Counter(), 0) == []
    assert world.rows[1].token is None


def test_a_look_that_finds_nothing_takes_no_lock(world):
    opened = []

    def transaction():
        opened.append(True)
        return type(world.transaction).__call__(world.transaction)

    world.client()
    world.transaction = transaction

    assert world.claim() == []
    assert opened == []
