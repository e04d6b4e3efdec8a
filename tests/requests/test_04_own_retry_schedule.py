"""Request 04: a client's own waits between attempts, and a breaker that leaves a broken endpoint alone."""

from datetime import UTC, datetime, timedelta

import pytest
from history import deliveries_of, delivery_of, errors_of, moment

from harness.problems import assert_problem
from harness.receiver import Answer

NOON = datetime(2027, 5, 1, 12, 0, tzinfo=UTC)
DAY = 86400
QUARTER = timedelta(minutes=15)
MICROSECOND = timedelta(microseconds=1)


def written(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def wait(delivery, since):
    return (moment(delivery["next_attempt_at"]) - since).total_seconds()


def breaker(api, client):
    return api.get(client.url).json()["breaker_open_until"]


@pytest.fixture
def now(clock):
    return clock.freeze(NOON)


def create_failing(create_client):
    """A client with waits of a day, whose endpoint answers 500: a failed delivery is not due again in a test."""
    client = create_client(retry_schedule=[DAY, DAY])
    client.inbox.answer(Answer(500))
    return client


@pytest.fixture
def send(accepted, deliver):
    """Posts so many events and lets a worker send all that is due."""

    def events(count):
        for _ in range(count):
            accepted()
        deliver()

    return events


# The schedule


def test_a_schedule_is_set_shown_replaced_and_removed(api, create_client):
    client, plain = create_client(retry_schedule=[5, 5, DAY]), create_client(retry_schedule=None)

    shown = api.get(client.url).json()
    replaced = client.api.patch(client.url, {"retry_schedule": list(range(1, 13))}).json()
    kept = client.api.patch(client.url, {"name": "Acme Music"}).json()
    removed = api.patch(client.url, {"retry_schedule": None}).json()

    assert (shown["retry_schedule"], shown["breaker_open_until"]) == ([5, 5, DAY], None)
    assert replaced["retry_schedule"] == kept["retry_schedule"] == list(range(1, 13))
    for document in (removed, plain.created, api.get(plain.url).json()):
        assert {"retry_schedule", "breaker_open_until"}.isdisjoint(document)
    described = api.anonymous().get("/v1/openapi.json").text
    assert '"retry_schedule"' in described
    assert '"breaker_open_until"' in described


def test_a_bad_schedule_is_refused_with_its_pointers(api, create_client, client_document, database):
    client = create_client()
    before = database.snapshot()
    refused = [
        *((value, {""}) for value in ([], [60] * 13, "60", 60, {}, True)),
        *(([60, entry], {"/1"}) for entry in (0, -1, DAY + 1, 1.5, "60", True, None, [60])),
        ([0, 60, "x"], {"/0", "/2"}),
    ]

    for value, pointers in refused:
        expected = {f"/retry_schedule{pointer}" for pointer in pointers}
        assert_problem(api.patch(client.url, {"retry_schedule": value}), 422, expected)
        assert_problem(api.post("/v1/clients", client_document(retry_schedule=value)), 422, expected)

    assert database.snapshot() == before


def test_the_waits_are_exact_and_each_round_has_one_attempt_more(api, now, create_client, accepted, deliver, clock):
    client = create_client(retry_schedule=[20, 7])
    client.inbox.answer(Answer(500))
    accepted()

    deliver()
    first = delivery_of(api, client)
    clock.move(seconds=20)
    deliver()
    second = delivery_of(api, client)
    clock.move(seconds=7)
    deliver()
    dead = delivery_of(api, client)
    api.post(f"/v1/deliveries/{dead['id']}/retry")
    deliver()
    again = delivery_of(api, client)

    assert (wait(first, now), wait(second, now)) == (20, 27)
    assert (dead["status"], dead["attempt_count"], dead["next_attempt_at"]) == ("dead", 3, None)
    assert (again["status"], again["attempt_count"], wait(again, now)) == ("pending", 4, 47)


def test_retry_after_counts_with_the_own_wait(api, now, create_client, accepted, deliver):
    clients = {value: create_client(retry_schedule=[10]) for value in ("3", "15", "60")}
    for value, client in clients.items():
        client.inbox.answer(Answer(429, headers={"Retry-After": value}))

    accepted()
    deliver()

    waits = {value: wait(delivery_of(api, client), now) for value, client in clients.items()}
    assert waits == {"3": 10, "15": 15, "60": 20}


def test_the_present_schedule_decides_for_older_deliveries_too(api, now, create_client, accepted, deliver, clock):
    client = create_client(retry_schedule=[60, 60, 60])
    client.inbox.answer(Answer(500))
    accepted()
    deliver()

    clock.move(seconds=60)
    client.api.patch(client.url, {"retry_schedule": [5, 9]})
    deliver()
    second = delivery_of(api, client)
    client.api.patch(client.url, {"retry_schedule": [5]})
    clock.move(seconds=9)
    deliver()

    assert wait(second, now) == 60 + 9
    assert (delivery_of(api, client)["status"], len(client.inbox)) == ("dead", 3)


# The breaker


def test_after_20_failures_in_a_row_nothing_is_sent_for_15_minutes(api, now, create_client, send, deliver, clock):
    failing, other = create_failing(create_client), create_client()
    send(19)
    failing.inbox.answer(Answer(200))
    send(1)
    failing.inbox.answer(Answer(500))
    send(19)
    after_19 = breaker(api, failing)
    send(1)
    after_20 = breaker(api, failing)

    clock.freeze(now + QUARTER - MICROSECOND)
    send(1)
    waiting = deliveries_of(api, failing)[-1]
    failing.api.patch(failing.url, {"retry_schedule": [DAY, DAY]})
    deliver()

    assert (after_19, after_20) == (None, written(now + QUARTER))
    assert (waiting["status"], waiting["attempts"]) == ("pending", [])
    assert moment(waiting["next_attempt_at"]) == now + QUARTER - MICROSECOND
    assert (len(failing.inbox), len(other.inbox)) == (40 + 1, 41)
    assert breaker(api, failing) is None


def test_a_probe_goes_alone_and_opens_the_breaker_again_if_it_fails(
    api, now, create_client, send, accepted, manage, deliver, clock, receiver
):
    failing = create_failing(create_client)
    send(20)
    for _ in range(3):
        accepted()
    gate = receiver.gate()
    failing.inbox.answer(Answer(500, gate=gate))

    probed_at = clock.freeze(now + QUARTER)
    worker = manage.start("deliver", "--once")
    failing.inbox.wait(21)
    deliver()
    while_it_is_in_flight = len(failing.inbox), breaker(api, failing)
    gate.open()
    worker.wait()
    clock.freeze(probed_at + QUARTER - MICROSECOND)
    deliver()

    assert while_it_is_in_flight == (21, written(now + QUARTER))
    assert len(failing.inbox) == 21
    assert breaker(api, failing) == written(probed_at + QUARTER)
    assert sorted(len(errors_of(delivery)) for delivery in deliveries_of(api, failing)) == [0] * 2 + [1] * 21


def test_a_probe_that_succeeds_closes_the_breaker(api, now, create_client, send, accepted, deliver, clock):
    failing = create_failing(create_client)
    send(20)
    for _ in range(3):
        accepted()
    failing.inbox.answer(Answer(200))

    clock.freeze(now + QUARTER)
    deliver()
    closed = breaker(api, failing)
    deliver()
    failing.inbox.answer(Answer(500))
    send(19)

    statuses = [delivery["status"] for delivery in deliveries_of(api, failing)]
    assert closed is None
    assert statuses == ["pending"] * 20 + ["delivered"] * 3 + ["pending"] * 19
    assert (len(failing.inbox), breaker(api, failing)) == (20 + 3 + 19, None)


def test_a_probe_whose_worker_died_is_followed_by_another(
    api, now, create_client, send, accepted, manage, deliver, clock, receiver
):
    failing = create_failing(create_client)
    send(20)
    accepted()
    failing.inbox.answer(Answer(200, gate=receiver.gate()), Answer(200))
    clock.freeze(now + QUARTER)
    worker = manage.start("deliver")
    failing.inbox.wait(21)
    worker.kill()

    clock.move(seconds=91)
    deliver()

    assert len(failing.inbox) == 22
    assert errors_of(deliveries_of(api, failing)[-1]) == ["interrupted", None]
    assert breaker(api, failing) is None
