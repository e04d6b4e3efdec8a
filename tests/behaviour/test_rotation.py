"""Rotating a client's signing secret: the answer of the call, and the signatures of deliveries afterwards."""

import base64
import hmac
from datetime import timedelta
from hashlib import sha256

import pytest

from harness.problems import assert_problem

THIRTY_DAYS = 30 * 86400


def rotate(api, client, body=None):
    response = api.post(client.url + "/rotate-secret", **({} if body is None else {"json": body}))
    assert response.status == 200, response.body
    return response.json()


def moment(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def signature(secret, request):
    """Standard Webhooks 1.0, computed here from its text."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join(
        [request.headers["webhook-id"].encode(), request.headers["webhook-timestamp"].encode(), request.body]
    )
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()


def signed_with(request, *secrets):
    return request.headers["webhook-signature"] == " ".join(signature(secret, request) for secret in secrets)


# The answer


@pytest.mark.parametrize(
    "body, seconds",
    [
        (None, 86400),
        ({}, 86400),
        ({"overlap_seconds": 86400}, 86400),
        ({"overlap_seconds": 1}, 1),
        ({"overlap_seconds": 0}, 0),
        ({"overlap_seconds": THIRTY_DAYS}, THIRTY_DAYS),
    ],
)
def test_a_rotation_answers_the_new_secret_and_the_end_of_the_old(create_client, api, clock, body, seconds):
    client = create_client()
    now = clock.freeze()

    answer = rotate(api, client, body)

    assert set(answer) == {"signing_secret", "previous_expires_at"}
    assert answer["previous_expires_at"] == moment(now + timedelta(seconds=seconds))
    prefix, _, encoded = answer["signing_secret"].partition("_")
    assert prefix == "whsec"
    assert len(base64.b64decode(encoded, validate=True)) == 32
    assert answer["signing_secret"] != client.signing_secret


def test_a_client_rotates_its_own_secret(create_client):
    client = create_client()

    assert rotate(client.api, client)["signing_secret"] != client.signing_secret


def test_every_rotation_makes_another_secret(create_client, api):
    client = create_client()

    secrets = {rotate(api, client)["signing_secret"] for _ in range(3)}

    assert len(secrets | {client.signing_secret}) == 4


@pytest.mark.parametrize("overlap", [-1, THIRTY_DAYS + 1, "60", 1.5, None, True, [], {}, 10**30])
def test_any_other_overlap_is_refused_and_changes_nothing(create_client, api, database, overlap):
    client = create_client()
    before = database.snapshot()

    response = api.post(client.url + "/rotate-secret", {"overlap_seconds": overlap})

    assert_problem(response, 422, {"/overlap_seconds"})
    assert database.snapshot() == before


def test_an_unknown_member_is_refused_and_changes_nothing(create_client, api, database):
    client = create_client()
    before = database.snapshot()

    response = api.post(client.url + "/rotate-secret", {"overlap": 60, "signing_secret": "whsec_x"})

    assert_problem(response, 422, {"/overlap", "/signing_secret"})
    assert database.snapshot() == before


def test_the_secret_is_shown_in_this_answer_only(create_client, api, database):
    client = create_client()
    secret = rotate(api, client)["signing_secret"].removeprefix("whsec_")

    for reader in (api, client.api):
        assert secret not in reader.get(client.url).text
    assert secret not in api.get("/v1/clients").text
    assert secret not in repr(database.snapshot())


# The effect on deliveries


@pytest.fixture
def delivered(create_client, accepted, deliver):
    """A client, and a way to have one event delivered to it."""
    client = create_client()

    def deliver_one():
        accepted()
        deliver()
        return client.inbox.last

    return client, deliver_one


def test_before_a_rotation_there_is_one_signature(delivered):
    client, deliver_one = delivered

    assert signed_with(deliver_one(), client.signing_secret)


def test_inside_the_overlap_the_newest_signs_first_and_the_old_one_too(delivered, api, clock):
    client, deliver_one = delivered
    new = rotate(api, client, {"overlap_seconds": 3600})["signing_secret"]

    clock.move(minutes=59)

    assert signed_with(deliver_one(), new, client.signing_secret)


def test_after_the_overlap_the_new_one_signs_alone(delivered, api, clock):
    client, deliver_one = delivered
    new = rotate(api, client, {"overlap_seconds": 3600})["signing_secret"]

    clock.move(minutes=60, seconds=1)

    assert signed_with(deliver_one(), new)


def test_without_an_overlap_the_new_one_signs_alone_at_once(delivered, api):
    client, deliver_one = delivered

    new = rotate(api, client, {"overlap_seconds": 0})["signing_secret"]

    assert signed_with(deliver_one(), new)


def test_rotated_again_inside_the_overlap_the_oldest_goes(delivered, api):
    client, deliver_one = delivered
    second = rotate(api, client)["signing_secret"]

    third = rotate(api, client)["signing_secret"]

    assert signed_with(deliver_one(), third, second)


def test_the_second_rotations_overlap_counts(delivered, api, clock):
    client, deliver_one = delivered
    second = rotate(api, client, {"overlap_seconds": 60})["signing_secret"]
    third = rotate(api, client, {"overlap_seconds": 3600})["signing_secret"]

    clock.move(minutes=30)

    assert signed_with(deliver_one(), third, second)


def test_a_delivery_that_waited_is_signed_with_the_current_secret(create_client, api, accepted, deliver):
    client = create_client()
    accepted()

    new = rotate(api, client, {"overlap_seconds": 0})["signing_secret"]
    deliver()

    assert signed_with(client.inbox.last, new)
