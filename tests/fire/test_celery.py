"""The Celery engine with a real Redis: the broker only rings the doorbell, and the deliveries table is the outbox."""

import base64
import json
import os
import signal
import time

import pytest
from crowd import traffic
from engine import Engine, Redis, why_no_celery
from history import deliveries_of, errors_of

from harness.http import Api
from harness.processes import eventually
from harness.receiver import Answer

pytestmark = pytest.mark.skipif(bool(why_no_celery()), reason=f"no Celery engine: {why_no_celery()}")

LEASE = 90  # seconds
AT_ONCE = 2  # seconds from the answer to the arrival after a ring
RING = 5  # seconds between two rings of the beat
MOMENT = 3  # seconds to notice a ring and to send, on a busy machine


@pytest.fixture
def redis(stage, scratch, _clean_slate):
    return Redis(stage, scratch)


@pytest.fixture
def engine(stage, redis):
    return Engine(stage, redis)


@pytest.fixture
def ringing(api, engine, manage):
    """The API of a server that rings."""
    return Api(manage.serve(env=engine.env).port, api.key)


@pytest.fixture
def post(ledger, ringing):
    """Posts so many events to the server that rings; returns how long the slowest took."""

    def post(count=1, api=ringing, **paths):
        slowest = 0.0
        for _ in range(count):
            began = time.monotonic()
            response = ledger.send(ledger.note(**paths), api)
            slowest = max(slowest, time.monotonic() - began)
            assert response.status == 202
        return slowest

    return post


@pytest.fixture
def awake(create_client, post):
    """Waits until the workers that were started are at work: one event has arrived."""

    def wait(api=None):
        client = create_client()
        post(**({"api": api} if api else {}))
        client.inbox.wait(1, within=20)
        return client

    return wait


# The doorbell


def test_a_worker_looks_as_soon_as_an_event_is_accepted(engine, awake, post, ledger):
    worker = engine.worker()
    client = awake()

    for number in range(2, 22):
        post()
        client.inbox.wait(number, within=AT_ONCE)

    assert worker.alive
    ledger.wait_until_ended()
    count = ledger.count()
    assert (count.events, count.statuses, count.requests) == (21, {"delivered": 21}, 21)


@pytest.mark.parametrize("call", ["test", "retry", "recover"])
def test_whatever_makes_a_delivery_due_rings(call, engine, ringing, awake, ledger, clock, database):
    engine.worker()
    client = awake()
    ledger.wait_until_ended()
    (delivery,) = deliveries_of(ringing, client)
    since = clock.now().replace(year=2000).isoformat()
    until = clock.now().replace(year=2100).isoformat()
    if call == "recover":
        database.execute("UPDATE webhooks_delivery SET status = 'dead'")

    answer = {
        "test": lambda: ringing.post(f"{client.url}/test"),
        "retry": lambda: ringing.post(f"/v1/deliveries/{delivery['id']}/retry"),
        "recover": lambda: ringing.post(f"{client.url}/recover", {"since": since, "until": until}),
    }[call]()

    assert answer.status == 202
    client.inbox.wait(2, within=AT_ONCE)
    ledger.wait_until_ended()
    assert ledger.count().requests == 2


def test_the_messages_carry_no_state_and_no_eta(redis, ringing, post, create_client, ledger, deliver):
    client = create_client()
    post(3)
    (first, *_) = deliveries_of(ringing, client)
    ringing.post(f"/v1/deliveries/{first['id']}/retry")
    ringing.post(f"{client.url}/test")

    messages = eventually(redis.messages)

    assert messages, "somebody rang"
    known = [client.slug, "pay_", "evt_", "dlv_", first["id"][4:], first["event"][4:]]
    for message in map(json.loads, messages):
        args, kwargs, _ = json.loads(base64.b64decode(message["body"]))
        assert (args, kwargs) == ([], {})
        assert message["headers"]["eta"] is None
        whole = json.dumps(message) + base64.b64decode(message["body"]).decode()
        assert [word for word in known if word in whole] == []
    deliver()
    assert ledger.count().statuses == {"delivered": 4}


def test_a_refused_event_rings_nothing(redis, ringing, ledger, create_client):
    create_client()
    bad = ledger.note(data__currency="usd")

    assert ledger.send(bad, ringing).status == 422

    assert redis.messages() == []
    assert ledger.count().events == 0


# The beat


def test_the_beat_rings_for_what_becomes_due_by_time(engine, awake, post, ledger, clock, database):
    engine.worker()
    engine.beat()
    client = awake()
    client.inbox.answer(Answer(500), Answer())
    post()
    client.inbox.wait(2)
    eventually(lambda: database.value("SELECT count(*) FROM webhooks_attempt WHERE error = 'bad_status'"))

    clock.move(seconds=1.3 * RING)
    client.inbox.wait(3, within=RING + MOMENT)

    ledger.wait_until_ended()
    count = ledger.count()
    assert (count.statuses, count.errors) == ({"delivered": 2}, {None: 2, "bad_status": 1})


def test_the_beat_rings_for_deliveries_without_a_ring(engine, awake, ledger):
    engine.worker()
    engine.beat()
    client = awake()

    ledger.accepted(3)  # at a server that does not ring
    client.inbox.wait(4, within=RING + MOMENT)

    ledger.wait_until_ended()
    count = ledger.count()
    assert (count.statuses, count.requests) == ({"delivered": 4}, 4)


# The broker


def test_a_broker_that_is_away_delays_and_loses_nothing(redis, engine, awake, post, ledger):
    worker, beat = engine.worker(), engine.beat()
    client = awake()

    redis.kill()
    slowest = post(5)
    redis.start()
    client.inbox.wait(6, within=30)
    ledger.wait_until_ended()
    post()
    client.inbox.wait(7, within=RING + MOMENT)

    assert slowest < 1, "accepting does not wait for a broker"
    assert worker.alive and beat.alive
    ledger.wait_until_ended()
    count = ledger.count()
    assert (count.events, count.statuses, count.requests) == (7, {"delivered": 7}, 7)


def test_a_hanging_broker_delays_no_request_for_long(redis, engine, awake, post, ledger):
    engine.worker()
    engine.beat()
    client = awake()

    with redis.halted():
        slowest = post()
    client.inbox.wait(2, within=30)

    assert slowest < 6
    ledger.wait_until_ended()
    assert ledger.count().statuses == {"delivered": 2}


def test_a_broker_that_becomes_a_replica_delays_and_loses_nothing(redis, engine, awake, post, ledger):
    worker, beat = engine.worker(), engine.beat()
    client = awake()

    with redis.replica():
        slowest = post(5)
        eventually(lambda: worker.stderr.count("Cannot connect") >= 30 and "read only replica" in beat.stderr, 20)
        connections = redis.connections()
    client.inbox.wait(6, within=30)
    ledger.wait_until_ended()
    post()
    client.inbox.wait(7, within=RING + MOMENT)

    assert slowest < 1, "accepting does not wait for a broker"
    assert worker.alive and beat.alive
    assert connections < 20, "a connection that is refused is closed"
    ledger.wait_until_ended()
    count = ledger.count()
    assert (count.events, count.statuses, count.requests) == (7, {"delivered": 7}, 7)


def test_a_broker_that_forgot_its_queue_loses_nothing(redis, engine, create_client, post, ledger):
    client = create_client()
    post(4)
    waiting = eventually(redis.messages)
    redis.kill()
    redis.start()
    found = redis.messages()  # nothing, or a late ring: the doorbell has a thread of its own

    engine.worker()
    engine.beat()
    client.inbox.wait(4, within=20)

    assert waiting and not set(waiting) & set(found)
    ledger.wait_until_ended()
    assert ledger.count().statuses == {"delivered": 4}


# Pools

POOLS = [("prefork", 2), ("threads", 4), ("solo", 1)]


@pytest.mark.parametrize(("pool", "concurrency"), POOLS)
def test_a_worker_of_any_pool_sends_each_delivery_once(
    pool, concurrency, engine, awake, create_client, ringing, ledger
):
    worker = engine.worker("--pool", pool, "--concurrency", str(concurrency))
    engine.beat()
    awake()
    for delay in (0, 0.01, 0.03):
        create_client().inbox.answer(Answer(delay=delay))

    with traffic(ledger, senders=3, api=ringing) as flow:
        flow.wait_for_accepted(40)
    ledger.wait_until_ended()

    count = ledger.count()
    assert (count.statuses, count.errors) == ({"delivered": count.deliveries}, {None: count.deliveries})
    assert count.requests == count.deliveries >= 1 + 4 * 40, "each once"
    assert "Traceback" not in worker.stderr and '"level": "error"' not in worker.stderr


def test_a_pool_that_cannot_deliver_is_refused_at_the_start(engine):
    engine.env["CELERY_CUSTOM_WORKER_POOL"] = "celery.concurrency.base:BasePool"

    run = engine.worker("--pool", "custom").wait()

    assert run.exit_code == 1
    (last, *_) = reversed(run.stderr.splitlines())
    assert last == "The pool 'base' cannot run this worker. Start it with --pool prefork, threads or solo."


@pytest.mark.parametrize(("pool", "concurrency"), POOLS)
def test_a_celery_worker_that_is_asked_to_stop_finishes_what_is_in_flight(
    pool, concurrency, engine, awake, post, receiver, ledger
):
    worker = engine.worker("--pool", pool, "--concurrency", str(concurrency))
    client, gate = awake(), receiver.gate()
    client.inbox.answer(Answer(gate=gate))
    post()
    client.inbox.wait(2)

    worker.terminate()
    worker.wait_for_output("Warm shutdown")
    gate.open()

    assert worker.wait(20).exit_code == 0
    assert errors_of(deliveries_of(ledger.api, client)[-1]) == [None]
    count = ledger.count()
    assert (count.statuses, count.requests) == ({"delivered": 2}, 2)


def test_a_worker_whose_whole_group_gets_sigterm_finishes_what_is_in_flight(engine, awake, post, receiver, ledger):
    worker = engine.worker()
    client, gate = awake(), receiver.gate()
    client.inbox.answer(Answer(gate=gate))
    post()
    client.inbox.wait(2)

    os.killpg(worker.pid, signal.SIGTERM)
    worker.wait_for_output("Warm shutdown")
    gate.open()

    assert worker.wait(20).exit_code == 0
    count = ledger.count()
    assert (count.statuses, count.errors) == ({"delivered": 2}, {None: 2})


# Workers of both kinds


def test_celery_and_polling_workers_share_one_queue(engine, awake, create_client, ringing, ledger, manage):
    engine.worker()
    engine.worker()
    engine.beat()
    awake()
    manage.start("deliver")
    for delay in (0, 0.01, 0.03):
        create_client().inbox.answer(Answer(delay=delay))

    with traffic(ledger, senders=3, api=ringing) as flow:
        flow.wait_for_accepted(40)
    ledger.wait_until_ended()

    count = ledger.count()
    assert count.statuses == {"delivered": count.deliveries}
    assert count.requests == count.deliveries >= 1 + 4 * 40, "each once"


def test_a_client_that_hangs_does_not_hold_up_the_others(redis, engine, awake, create_client, post, receiver, ledger):
    engine.worker()
    engine.beat()
    quick, hanging = awake(), create_client()
    gate = receiver.gate()
    hanging.inbox.answer(Answer(gate=gate))

    post(15)
    hanging.inbox.wait(10)
    quick.inbox.wait(16, within=RING + MOMENT)
    for number in range(17, 20):
        post()
        quick.inbox.wait(number, within=RING + MOMENT)

    assert len(hanging.inbox) == 10
    eventually(lambda: not redis.messages(), 2)  # no ring waits behind the client that hangs
    gate.open()
    ledger.wait_until_ended()
    assert ledger.count().statuses == {"delivered": 1 + 2 * 18}


def test_a_celery_worker_that_is_killed_costs_one_more_attempt(engine, awake, post, receiver, ledger, clock):
    worker = engine.worker()
    client = awake()
    client.inbox.answer(Answer(gate=receiver.gate()), Answer())
    post()
    client.inbox.wait(2)

    worker.kill()
    clock.move(seconds=LEASE + 1)
    engine.worker()
    engine.beat()
    client.inbox.wait(3, within=20)

    ledger.wait_until_ended()
    count = ledger.count()
    assert (count.statuses, count.errors) == ({"delivered": 2}, {None: 2, "interrupted": 1})
