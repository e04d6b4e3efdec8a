"""Workers: a leased delivery has only one sender, a lost one is sent again, and clients do not delay each other."""

from collections import Counter
from datetime import timedelta

import pytest
from backlog import plant
from history import deliveries_of, delivery_of, errors_of, moment

from harness.processes import eventually
from harness.receiver import Answer

LEASE = 90  # seconds


@pytest.fixture
def gate(receiver):
    """Holds answers back until the test opens it."""
    return receiver.gate()


@pytest.fixture
def held(create_client, accepted, gate):
    """A client with one due delivery, whose endpoint holds its first answer back and then says 200."""
    client = create_client()
    client.inbox.answer(Answer(gate=gate), Answer())
    accepted()
    return client


@pytest.fixture
def start_sending(manage):
    """Starts a worker that can hold one delivery at a time, and waits until the client's endpoint has its request."""

    def start(client, *argv):
        worker = manage.start("deliver", "--concurrency", "1", *argv)
        client.inbox.wait(1)
        return worker

    return start


# A worker that died


def test_what_a_killed_worker_held_is_sent_again_after_90_seconds(api, held, start_sending, deliver, clock):
    start_sending(held).kill()

    clock.move(seconds=LEASE - 2)
    deliver()
    before = len(held.inbox)
    clock.move(seconds=4)
    deliver()

    delivery = delivery_of(api, held)
    assert (before, len(held.inbox)) == (1, 2)
    assert (delivery["status"], delivery["attempt_count"]) == ("delivered", 2)
    assert errors_of(delivery) == ["interrupted", None]
    assert held.inbox[0].body == held.inbox[1].body


def test_an_interrupted_attempt_has_a_start_and_no_answer(api, held, start_sending, deliver, clock):
    before = clock.now()
    start_sending(held).kill()
    after = clock.now()
    clock.move(seconds=LEASE + 1)

    deliver()

    interrupted, _ = delivery_of(api, held)["attempts"]
    assert (interrupted["response_status"], interrupted["response_excerpt"]) == (None, "")
    assert interrupted["duration_ms"] >= 0
    assert before <= moment(interrupted["started_at"]) <= after


def test_interrupted_is_recorded_before_the_delivery_is_sent_again(api, held, start_sending, manage, clock, receiver):
    start_sending(held).kill()
    second = receiver.gate()
    held.inbox.answer(Answer(gate=second))

    clock.move(seconds=LEASE + 1)
    worker = manage.start("deliver", "--once")
    held.inbox.wait(2)

    under_way = delivery_of(api, held)
    assert (errors_of(under_way), under_way["attempt_count"], under_way["status"]) == (["interrupted"], 1, "pending")
    second.open()
    assert worker.wait().exit_code == 0
    assert errors_of(delivery_of(api, held)) == ["interrupted", None]


def test_the_eighth_interruption_ends_the_delivery_without_sending(api, held, gate, manage, deliver, clock):
    held.inbox.answer(Answer(gate=gate))
    for number in range(1, 9):
        worker = manage.start("deliver")
        held.inbox.wait(number)
        worker.kill()
        clock.move(seconds=LEASE + 1)

    deliver()

    delivery = delivery_of(api, held)
    assert (delivery["status"], delivery["attempt_count"], delivery["next_attempt_at"]) == ("dead", 8, None)
    assert errors_of(delivery) == ["interrupted"] * 8
    assert len(held.inbox) == 8


def test_interrupted_attempts_count_among_the_eight(api, held, start_sending, deliver, clock, database):
    database.execute("UPDATE webhooks_delivery SET attempts_this_round = 6, attempt_count = 6")
    start_sending(held).kill()
    held.inbox.answer(Answer(500))

    clock.move(seconds=LEASE + 1)
    deliver()

    delivery = delivery_of(api, held)
    assert (delivery["status"], delivery["attempt_count"]) == ("dead", 8)
    assert errors_of(delivery) == ["interrupted", "bad_status"]


def test_a_killed_worker_costs_an_attempt_of_what_it_sent_and_of_nothing_else(
    api, create_client, accepted, gate, manage, deliver, clock
):
    client = create_client()
    held, done = Answer(gate=gate), Answer()
    client.inbox.answer(held, done, done, done, held, done)
    for _ in range(10):
        accepted()
    worker = manage.start("deliver", "--concurrency", "2")
    client.inbox.wait(5)
    worker.kill()

    clock.move(seconds=LEASE + 1)
    deliver()

    histories = Counter(tuple(errors_of(delivery)) for delivery in deliveries_of(api, client))
    assert histories == {("interrupted", None): 2, (None,): 8}


@pytest.mark.parametrize("ask_for_a_retry", [False, True])
def test_a_lease_of_a_clock_that_was_a_year_ahead_holds_nothing(
    api, held, start_sending, deliver, clock, ask_for_a_retry
):
    clock.move(days=365)
    start_sending(held).kill()
    clock.move(days=-365)

    if ask_for_a_retry:
        id = delivery_of(api, held)["id"]
        assert api.post(f"/v1/deliveries/{id}/retry").status == 202
    deliver()

    delivery = delivery_of(api, held)
    assert (delivery["status"], errors_of(delivery)) == ("delivered", ["interrupted", None])
    lost, _ = delivery["attempts"]
    assert moment(lost["started_at"]) + timedelta(milliseconds=lost["duration_ms"]) <= clock.now()


def test_a_lease_of_a_clock_that_is_five_seconds_ahead_holds(api, held, gate, start_sending, deliver, clock):
    clock.move(seconds=5)
    worker = start_sending(held, "--once")
    clock.move(seconds=-5)

    deliver()
    gate.open()

    assert worker.wait().exit_code == 0
    assert len(held.inbox) == 1
    assert errors_of(delivery_of(api, held)) == [None]


def test_what_was_disabled_meanwhile_waits_with_its_interruption(api, held, start_sending, deliver, clock):
    start_sending(held).kill()
    api.patch(held.url, {"status": "disabled"})

    clock.move(seconds=LEASE + 1)
    deliver()
    while_disabled = len(held.inbox)
    api.patch(held.url, {"status": "active"})
    deliver()

    assert (while_disabled, len(held.inbox)) == (1, 2)
    assert errors_of(delivery_of(api, held)) == ["interrupted", None]


def test_a_retry_of_what_a_dead_worker_held_forgets_no_interruption(api, held, start_sending, deliver, clock):
    start_sending(held).kill()
    clock.move(seconds=LEASE + 1)

    retried = api.post(f"/v1/deliveries/{delivery_of(api, held)['id']}/retry")
    deliver()

    assert retried.status == 202
    assert errors_of(delivery_of(api, held)) == ["interrupted", None]


# An answer that comes too late


def test_an_answer_after_the_lease_was_lost_adds_an_attempt_and_no_state(
    api, held, gate, start_sending, deliver, clock
):
    held.inbox.answer(Answer(200, b"late", gate=gate), Answer(500))
    slow = start_sending(held)
    clock.move(seconds=LEASE + 1)
    deliver()
    failed = delivery_of(api, held)

    gate.open()
    delivery = eventually(lambda: (now := delivery_of(api, held))["attempt_count"] == 3 and now)

    assert errors_of(failed) == ["interrupted", "bad_status"]
    assert sorted(map(str, errors_of(delivery))) == ["None", "bad_status", "interrupted"]
    assert [attempt["response_excerpt"] for attempt in delivery["attempts"]].count("late") == 1
    assert (delivery["status"], delivery["next_attempt_at"]) == ("pending", failed["next_attempt_at"])
    assert slow.alive


def test_a_failure_after_the_lease_was_lost_leaves_it_delivered(api, held, gate, start_sending, deliver, clock):
    held.inbox.answer(Answer(500, gate=gate), Answer(200))
    start_sending(held)
    clock.move(seconds=LEASE + 1)
    deliver()

    gate.open()
    delivery = eventually(lambda: (now := delivery_of(api, held))["attempt_count"] == 3 and now)

    assert (delivery["status"], delivery["next_attempt_at"]) == ("delivered", None)


def test_a_late_answer_does_not_end_the_lease_of_the_next_worker(
    api, held, gate, start_sending, manage, deliver, clock, receiver
):
    second = receiver.gate()
    held.inbox.answer(Answer(500, gate=gate), Answer(200, gate=second), Answer(500))
    start_sending(held)
    clock.move(seconds=LEASE + 1)
    holding = manage.start("deliver", "--once")
    held.inbox.wait(2)

    gate.open()
    eventually(lambda: delivery_of(api, held)["attempt_count"] == 2)
    clock.move(seconds=20)
    deliver()
    sent_meanwhile = len(held.inbox)
    second.open()

    assert holding.wait().exit_code == 0
    assert sent_meanwhile == 2
    assert delivery_of(api, held)["status"] == "delivered"


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_after_the_client_was_deleted_adds_an_attempt_and_no_state(api, held, gate, start_sending, status):
    held.inbox.answer(Answer(status, gate=gate))
    worker = start_sending(held, "--once")

    assert api.delete(held.url).status == 204
    gate.open()

    assert worker.wait().exit_code == 0
    delivery = delivery_of(api, held)
    assert (delivery["status"], delivery["next_attempt_at"]) == ("cancelled", None)
    assert [attempt["response_status"] for attempt in delivery["attempts"]] == [status]


def test_a_deleted_clients_deliveries_are_sent_no_more(api, create_client, accepted, deliver, clock):
    client = create_client()
    client.inbox.answer(Answer(500))
    accepted()
    deliver()
    accepted()

    api.delete(client.url)
    clock.move(days=1)
    deliver()

    assert len(client.inbox) == 1
    assert {delivery["status"] for delivery in deliveries_of(api, client)} == {"cancelled"}


# While it is being sent


def test_a_retry_of_a_delivery_that_is_being_sent_leaves_it(api, held, gate, start_sending, deliver):
    held.inbox.answer(Answer(500, gate=gate), Answer(200))
    worker = start_sending(held, "--once")
    before = delivery_of(api, held)

    retried = api.post(f"/v1/deliveries/{before['id']}/retry")
    deliver()

    assert (retried.status, retried.json()["status"]) == (202, "pending")
    assert delivery_of(api, held) == before
    assert len(held.inbox) == 1
    gate.open()
    assert worker.wait().exit_code == 0
    deliver()
    assert errors_of(delivery_of(api, held)) == ["bad_status"]
    assert len(held.inbox) == 1


def test_a_delivery_that_is_being_sent_is_still_pending(api, held, start_sending):
    start_sending(held)

    delivery = delivery_of(api, held)

    assert (delivery["status"], delivery["attempt_count"], delivery["attempts"]) == ("pending", 0, [])
    assert delivery["next_attempt_at"] is not None


def test_two_workers_never_hold_one_delivery_together(api, create_client, accepted, manage, receiver):
    clients = [create_client() for _ in range(5)]
    for client in clients:
        client.inbox.answer(Answer(delay=0.02))
    workers = [manage.start("deliver") for _ in range(2)]

    events = [accepted() for _ in range(20)]
    delivered = "/v1/deliveries?status=delivered&limit=200"
    eventually(lambda: len(api.get(delivered).json()["results"]) == 100, within=30)
    for worker in workers:
        worker.wait_for_output("worker_started")  # from then on it hears the signal
        worker.terminate()

    assert [worker.wait().exit_code for worker in workers] == [0, 0]
    for client in clients:
        assert sorted(request.headers["webhook-id"] for request in client.inbox) == sorted(events)
    assert {row["attempt_count"] for row in api.get(delivered).json()["results"]} == {1}


def test_two_workers_share_a_backlog_without_sending_twice(api, create_client, accepted, manage, receiver, database):
    clients = [create_client(), create_client()]
    for client in clients:
        client.inbox.answer(Answer(delay=0.02))
    accepted()
    for client in clients:
        plant(database, client, 49)

    workers = [manage.start("deliver", "--once") for _ in range(2)]

    assert [worker.wait().exit_code for worker in workers] == [0, 0]
    for client in clients:
        assert len({request.headers["webhook-id"] for request in client.inbox}) == 50
        assert len(client.inbox) == 50


# One client among others


def test_one_client_has_at_most_ten_attempts_in_flight(api, create_client, accepted, gate, manage):
    hanging, quick = create_client(), create_client()
    hanging.inbox.answer(Answer(gate=gate))
    for _ in range(12):
        accepted()

    worker = manage.start("deliver", "--concurrency", "30")
    hanging.inbox.wait(10)
    quick.inbox.wait(12)
    eventually(lambda: {row["status"] for row in deliveries_of(api, quick)} == {"delivered"})
    # The worker looked for more, and found the quick one's last event.
    accepted()
    quick.inbox.wait(13)

    assert len(hanging.inbox) == 10
    gate.open()
    hanging.inbox.wait(13)
    assert hanging.inbox.peak == 10
    assert worker.alive


def test_what_comes_due_later_makes_no_more_than_ten_in_flight(create_client, accepted, gate, manage, clock, database):
    hanging = create_client()
    hanging.inbox.answer(Answer(gate=gate))
    for _ in range(9):
        accepted()
    database.execute("UPDATE webhooks_delivery SET next_attempt_at = ?", clock.now() + timedelta(hours=1))
    for _ in range(6):
        accepted()
    manage.start("deliver", "--concurrency", "30")
    hanging.inbox.wait(6)

    database.execute("UPDATE webhooks_delivery SET next_attempt_at = created_at WHERE lease_token IS NULL")
    hanging.inbox.wait(10)
    # The worker has looked once more, and found the quick one's event.
    quick = create_client()
    accepted()
    quick.inbox.wait(1)

    assert len(hanging.inbox) == 10
    gate.open()
    hanging.inbox.wait(16)
    assert hanging.inbox.peak == 10


def test_a_client_that_hangs_with_thousands_waiting_does_not_hold_up_the_others(
    api, create_client, accepted, gate, manage, database
):
    hanging = create_client()
    hanging.inbox.answer(Answer(gate=gate))
    accepted()
    plant(database, hanging, 3000)
    quick = create_client()

    manage.start("deliver")
    hanging.inbox.wait(10)
    for number in range(1, 4):
        accepted()
        quick.inbox.wait(number, within=5)

    assert len(hanging.inbox) == 10


def test_two_clients_that_hang_do_not_hold_up_a_third(create_client, accepted, gate, manage, database):
    hanging = [create_client(), create_client()]
    for client in hanging:
        client.inbox.answer(Answer(gate=gate))
    accepted()
    for client in hanging:
        plant(database, client, 100)
    quick = create_client()

    manage.start("deliver", "--concurrency", "20")  # twice what one client may have in flight
    eventually(lambda: sum(len(client.inbox) for client in hanging) > 15)
    for number in range(1, 4):
        accepted()
        quick.inbox.wait(number, within=5)


def test_a_freed_slot_goes_to_the_client_with_the_fewest_in_flight(create_client, accepted, gate, manage, database):
    hanging = create_client()
    hanging.inbox.answer(Answer(gate=gate), Answer(gate=gate), Answer(delay=1), Answer(gate=gate))
    accepted()
    plant(database, hanging, 100)
    manage.start("deliver", "--concurrency", "3")
    hanging.inbox.wait(3)

    quick = create_client()
    accepted()

    quick.inbox.wait(1, within=5)


def test_deliveries_to_one_client_go_out_side_by_side(api, create_client, accepted, gate, manage):
    client = create_client()
    client.inbox.answer(Answer(gate=gate))
    for _ in range(10):
        accepted()

    manage.start("deliver", "--concurrency", "10")

    client.inbox.wait(10)
    assert client.inbox.in_flight == 10


# deliver --once, --concurrency and SIGTERM


def test_once_sends_all_that_is_due_and_exits(api, create_client, accepted, deliver):
    client = create_client()
    for _ in range(25):
        accepted()

    deliver()

    assert len(client.inbox) == 25
    assert {delivery["status"] for delivery in deliveries_of(api, client)} == {"delivered"}


def test_once_leaves_what_was_accepted_after_its_start(api, held, gate, accepted, manage, deliver):
    worker = manage.start("deliver", "--once")
    held.inbox.wait()
    accepted()

    gate.open()

    assert worker.wait().exit_code == 0
    assert [errors_of(delivery) for delivery in deliveries_of(api, held)] == [[None], []]
    deliver()
    assert len(held.inbox) == 2


def test_once_leaves_what_becomes_due_meanwhile(api, held, gate, create_client, accepted, manage, clock):
    failing = create_client()
    failing.inbox.answer(Answer(500))
    accepted()
    worker = manage.start("deliver", "--once")
    held.inbox.wait()
    eventually(lambda: delivery_of(api, failing)["attempt_count"] == 1)

    clock.move(seconds=30)
    gate.open()

    assert worker.wait().exit_code == 0
    assert errors_of(delivery_of(api, failing)) == ["bad_status"]
    assert len(failing.inbox) == 1


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_attempts_are_in_flight_than_the_concurrency(create_client, accepted, gate, manage, concurrency):
    client = create_client()
    answers = [Answer(gate=gate)] * concurrency
    client.inbox.answer(*answers, Answer(delay=0.02))
    for _ in range(9):
        accepted()
    worker = manage.start("deliver", "--once", "--concurrency", str(concurrency))
    client.inbox.wait(concurrency)

    gate.open()

    assert worker.wait().exit_code == 0
    assert len(client.inbox) == 9
    assert client.inbox.peak == concurrency


def test_sigterm_finishes_what_is_in_flight_and_starts_nothing(api, create_client, accepted, gate, manage):
    client = create_client()
    client.inbox.answer(Answer(gate=gate), Answer())
    accepted()
    accepted()
    worker = manage.start("deliver", "--concurrency", "1")
    client.inbox.wait()

    worker.terminate()
    accepted()
    gate.open()

    assert worker.wait().exit_code == 0
    assert [errors_of(delivery) for delivery in deliveries_of(api, client)].count([None]) == 1
    assert len(client.inbox) == 1


def test_sigterm_ends_an_idle_worker(create_client, accepted, manage):
    client = create_client()
    worker = manage.start("deliver")
    accepted()
    client.inbox.wait()

    worker.terminate()

    assert worker.wait(within=5).exit_code == 0


def test_a_client_that_an_attempt_disabled_gets_nothing_more(api, create_client, accepted, manage):
    client = create_client()
    client.inbox.answer(Answer(410))
    for _ in range(4):
        accepted()

    manage.ok("deliver", "--once", "--concurrency", "1")

    assert len(client.inbox) == 1
    assert {delivery["status"] for delivery in deliveries_of(api, client)} == {"pending"}


def test_a_client_that_is_disabled_meanwhile_gets_nothing_more(api, held, gate, accepted, start_sending):
    accepted()
    worker = start_sending(held, "--once")

    api.patch(held.url, {"status": "disabled"})
    gate.open()

    assert worker.wait().exit_code == 0
    assert sorted(errors_of(delivery) for delivery in deliveries_of(api, held)) == [[], [None]]
    assert len(held.inbox) == 1
