"""Idempotency-Key: which values are taken, what a key remembers, and for how long."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from event_cases import whole

from harness.examples import EXAMPLE, event
from harness.http import Api
from harness.problems import assert_problem

BODY = json.dumps(EXAMPLE).encode()


@pytest.fixture
def post(api):
    """Posts a raw body under a key."""

    def send(key, body=BODY, through=api, **more):
        return through.post("/v1/events", body=body, headers={"Idempotency-Key": key}, **more)

    return send


@pytest.fixture
def stored(database):
    """The number of events."""
    return lambda: database.value("SELECT count(*) FROM webhooks_event")


def is_replay(response):
    values = response.headers.get_all("Idempotent-Replayed", [])
    assert values in ([], ["true"])
    return bool(values)


def at_once(calls):
    """The answers to calls that all start at the same moment."""
    start = Barrier(len(calls))

    def run(call):
        start.wait(20)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


# Values


def test_an_event_without_a_key_is_refused(api, stored):
    response = api.post("/v1/events", body=BODY)

    assert_problem(response, 400, {""}, naming="Idempotency-Key")
    assert stored() == 0


@pytest.mark.parametrize(
    "key",
    ["", "k" * 256, "k" * 4000, "a b", "a\tb", "a\x7fb", "kéy", b"k\xe9y", "k\N{ZERO WIDTH SPACE}"],
    ids=lambda key: repr(key[:5]),
)
def test_a_key_is_1_to_255_visible_characters(post, stored, key):
    assert_problem(post(key), 400, {""}, naming="Idempotency-Key")
    assert stored() == 0


@pytest.mark.parametrize("key", ["k", "k" * 255, "".join(map(chr, range(0x21, 0x7F)))], ids=len)
def test_a_key_may_hold_any_visible_characters(post, key):
    first, second = post(key), post(key)

    assert (first.status, second.status) == (202, 202)
    assert second.json()["id"] == first.json()["id"]


def test_a_missing_key_is_reported_before_bad_fields(api):
    assert_problem(api.post("/v1/events", {}), 400, {""}, naming="Idempotency-Key")


# The event of a key


def test_the_same_request_again_gets_the_first_answer_again(post, stored, create_client):
    create_client()
    first = post("k")

    second, third = post("k"), post("k")

    assert first.status == second.status == third.status == 202
    assert first.body == second.body == third.body
    assert first.content_type == second.content_type
    assert [is_replay(response) for response in (first, second, third)] == [False, True, True]
    assert stored() == 1


def test_a_replay_sends_nothing_again(post, create_client, deliver, api):
    client = create_client()
    post("k")
    deliver()

    post("k")
    deliver()

    assert len(client.inbox) == 1
    assert len(api.get("/v1/deliveries").json()["results"]) == 1


def test_a_replay_counts_the_deliveries_of_the_first_answer(post, create_client, api):
    leaving = create_client()
    create_client()
    first = post("k")
    api.delete(leaving.url)
    for _ in range(2):
        create_client()

    again = post("k")

    assert first.json()["deliveries"] == 2
    assert again.body == first.body


def test_only_the_body_is_compared(post):
    first = post("k")

    again = post("k", content_type="application/json; charset=utf-8")

    assert again.body == first.body
    assert is_replay(again)


OTHER_BODIES = {
    "another event": json.dumps(event(data__amount="10.11")).encode(),
    "the same with another amount text": json.dumps(event(data__amount="10.1")).encode(),
    "white space at the end": BODY + b"\n",
    "white space inside": json.dumps(EXAMPLE, indent=1).encode(),
    "another order": json.dumps(dict(reversed(EXAMPLE.items()))).encode(),
    "other escapes": json.dumps(EXAMPLE, ensure_ascii=False).encode(),
}


@pytest.mark.parametrize("body", OTHER_BODIES.values(), ids=OTHER_BODIES)
def test_the_same_key_with_another_raw_body_is_refused(post, stored, body):
    first = post("k")

    response = post("k", body)

    assert_problem(response, 422, {""}, naming="Idempotency-Key")
    assert not is_replay(response)
    assert stored() == 1
    assert post("k").body == first.body


def test_the_same_body_under_other_keys_makes_other_events(post, stored):
    answers = [post(key) for key in ("k", "K", "k1", "K1")]

    assert len({answer.json()["id"] for answer in answers}) == 4
    assert not any(map(is_replay, answers))
    assert stored() == 4


def test_keys_are_one_namespace_for_all_operators(post, api, manage):
    other = api.as_key(manage.ok("create_api_key", "--role", "operator").stdout.strip())
    first = post("k")

    again = post("k", through=other)
    changed = post("k", BODY + b" ", through=other)

    assert again.body == first.body
    assert is_replay(again)
    assert_problem(changed, 422, {""}, naming="Idempotency-Key")


# Refused requests


REFUSED = {
    "a bad field": (422, {"body": json.dumps(event(data__currency="usd")).encode()}),
    "an unknown member": (422, {"body": json.dumps({**EXAMPLE, "x": 1}).encode()}),
    "no JSON": (400, {"body": BODY[:-1]}),
    "another content type": (415, {"content_type": "text/plain"}),
    "a large body": (413, {"body": BODY + b" " * 256 * 1024}),
}


@pytest.mark.parametrize(("status", "request_"), REFUSED.values(), ids=REFUSED)
def test_a_refused_request_keeps_no_key(post, stored, status, request_):
    assert_problem(post("k", **request_), status)

    accepted = post("k")

    assert accepted.status == 202
    assert not is_replay(accepted)
    assert stored() == 1


def test_a_request_without_the_right_to_post_keeps_no_key(post, api, create_client):
    client = create_client()
    assert_problem(post("k", through=api.anonymous()), 401)
    assert_problem(post("k", through=client.api), 404)

    accepted = post("k")

    assert accepted.status == 202
    assert not is_replay(accepted)


def test_no_one_else_may_read_a_key(post, api, create_client):
    client = create_client()
    post("k")

    assert_problem(post("k", through=api.anonymous()), 401)
    assert_problem(post("k", through=client.api), 404)


# At once


def test_fifty_identical_requests_at_once_make_one_event(post, api, manage, create_client, stored, database):
    create_client()
    create_client()
    processes = [api, Api(manage.serve().port, api.key)]
    calls = [lambda through=processes[n % 2]: post("k", through=through) for n in range(50)]

    answers = at_once(calls)

    assert {answer.status for answer in answers} == {202}
    assert len({answer.body for answer in answers}) == 1
    assert sorted(map(is_replay, answers)) == [False] + [True] * 49
    assert stored() == 1
    assert database.value("SELECT count(*) FROM webhooks_delivery") == 2


def test_of_different_bodies_at_once_one_is_accepted(post, stored):
    bodies = [json.dumps(event(data__amount=f"{n}.00")).encode() for n in range(12)]

    answers = at_once([lambda body=body: post("k", body) for body in bodies])

    assert sorted(answer.status for answer in answers) == [202] + [422] * 11
    assert not any(map(is_replay, answers))
    assert stored() == 1


# The lifetime of a key


def test_a_key_outlives_the_process_that_took_it(post, api, manage):
    one = manage.serve()
    first = post("k", through=Api(one.port, api.key))
    one.process.kill()

    another = manage.serve()
    again = post("k", through=Api(another.port, api.key))

    assert again.body == first.body
    assert is_replay(again)


def test_a_key_lives_as_long_as_its_event_and_no_longer(post, create_client, deliver, manage, clock):
    create_client()
    first = post("k")
    deliver()
    clock.move(days=400)
    assert post("k").body == first.body

    manage.ok("prune", "--older-than", "30d")
    anew = post("k", json.dumps(event(whole())).encode())

    assert anew.status == 202
    assert not is_replay(anew)
    assert anew.json()["id"] != first.json()["id"]


def test_a_prune_that_leaves_the_event_leaves_its_key(post, create_client, manage, clock):
    create_client()
    first = post("k")
    clock.move(days=400)

    manage.ok("prune", "--older-than", "30d")

    again = post("k")
    assert again.body == first.body
    assert is_replay(again)
