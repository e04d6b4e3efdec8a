"""Request 11: a client may ask for Ed25519 signatures, which it checks with a public key."""

import base64
from datetime import timedelta

import pytest
import standardwebhooks
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from history import delivery_of

from harness.problems import assert_problem
from harness.receiver import Answer

MEMBERS = ["slug", "name", "endpoint_url", "event_types", "format", "status", "disabled_reason", "created_at"]


def raw_key(public_key):
    prefix, _, encoded = public_key.partition("_")
    assert prefix == "whpk"
    return base64.b64decode(encoded, validate=True)


def verifies(public_key, signature, request):
    """Whether the holder of this key accepts one signature of the header."""
    version, _, encoded = signature.partition(",")
    assert version == "v1a"
    parts = (request.headers["webhook-id"].encode(), request.headers["webhook-timestamp"].encode(), request.body)
    try:
        key = Ed25519PublicKey.from_public_bytes(raw_key(public_key))
        key.verify(base64.b64decode(encoded, validate=True), b".".join(parts))
    except InvalidSignature:
        return False
    return True


def signed_with(request, *public_keys):
    """Whether the header has exactly one signature for each of these keys, in this order."""
    signatures = request.headers["webhook-signature"].split(" ")
    return len(signatures) == len(public_keys) and all(map(verifies, public_keys, signatures, [request] * 2))


@pytest.fixture
def rotate(api):
    def call(client, overlap_seconds):
        response = api.post(f"{client.url}/rotate-secret", {"overlap_seconds": overlap_seconds})
        assert response.status == 200, response.body
        assert set(response.json()) == {"public_key", "previous_expires_at"}
        return response.json()["public_key"]

    return call


@pytest.fixture
def sent(accepted, deliver):
    """Posts an event and delivers it. Returns the request that the client got last."""

    def send(client):
        accepted()
        deliver()
        return client.inbox.last

    return send


def test_a_client_of_v1a_is_shown_with_a_public_key_of_its_own_and_no_secret(create_client, api):
    client, other = create_client(signature="v1a"), create_client(signature="v1a")

    shown = [caller.get(client.url).json() for caller in (api, client.api)]
    shown += [api.get("/v1/clients").json()["results"][1], api.patch(client.url, {}).json()]

    assert set(client.created) == {*MEMBERS, "signature", "public_key", "api_key"}
    assert client.created["signature"] == "v1a"
    assert len(raw_key(client.created["public_key"])) == 32
    assert client.created["public_key"] != other.created["public_key"]
    expected = {name: value for name, value in client.created.items() if name != "api_key"}
    assert shown == [expected] * 4


def test_a_client_that_asks_for_v1_is_as_today(create_client, api, sent):
    client = create_client(signature="v1")

    request = sent(client)
    rotated = api.post(f"{client.url}/rotate-secret", {}).json()

    assert set(client.created) == {*MEMBERS, "api_key", "signing_secret"}
    assert set(api.get(client.url).json()) == set(MEMBERS)
    assert set(rotated) == {"signing_secret", "previous_expires_at"}
    standardwebhooks.Webhook(client.signing_secret).verify(request.body, request.headers, json_parse=False)


@pytest.mark.parametrize("signature", ["v2", "V1A", "v1 v1a", "", None, 1, True, ["v1a"]])
def test_any_other_signature_is_refused(client_document, create_client, api, database, signature):
    create_client(signature="v1a")
    before = database.snapshot()

    response = api.post("/v1/clients", client_document(signature=signature))

    assert_problem(response, 422, {"/signature"})
    assert database.snapshot() == before


def test_a_patch_does_not_take_a_signature(create_client, api):
    client = create_client()

    response = api.patch(client.url, {"signature": "v1a"})

    assert_problem(response, 422, {"/signature"})


@pytest.mark.parametrize("format", ["std_json", "xml_bank", "form_legacy"])
def test_every_attempt_is_signed_for_the_public_key_alone(create_client, accepted, deliver, clock, format):
    client, other = create_client(format=format, signature="v1a"), create_client()
    client.inbox.answer(Answer(500))
    accepted({"/data/customer/name": "Żółć 李小龍 🧾"})

    deliver()
    clock.move(seconds=7)
    deliver()

    first, second = client.inbox
    for request in (first, second):
        assert signed_with(request, client.created["public_key"])
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    request = other.inbox.last
    standardwebhooks.Webhook(other.signing_secret).verify(request.body, request.headers, json_parse=False)


def test_two_pairs_sign_newest_first_while_they_overlap(create_client, sent, rotate, clock, api):
    client = create_client(signature="v1a")
    new = rotate(client, 3600)
    assert api.get(client.url).json()["public_key"] == new

    clock.move(seconds=3590)
    inside = sent(client)
    clock.move(seconds=20)
    outside = sent(client)

    assert signed_with(inside, new, client.created["public_key"])
    assert signed_with(outside, new)


def test_a_rotation_follows_the_rules_of_secrets(create_client, sent, rotate, clock, api):
    client = create_client(signature="v1a")
    now = clock.freeze()

    answer = client.api.post(f"{client.url}/rotate-secret").json()
    third = rotate(client, 3600)
    in_overlap = sent(client)
    fourth = rotate(client, 0)
    at_once = sent(client)
    refused = api.post(f"{client.url}/rotate-secret", {"overlap_seconds": -1})

    assert answer["previous_expires_at"] == (now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert signed_with(in_overlap, third, answer["public_key"])
    assert signed_with(at_once, fourth)
    assert_problem(refused, 422, {"/overlap_seconds"})
    assert api.get(client.url).json()["public_key"] == fourth


def test_a_private_key_that_cannot_be_decrypted_sends_nothing(create_client, accepted, manage, api):
    client = create_client(signature="v1a")
    accepted()

    manage("deliver", "--once", env={"SECRET_KEY": "another one, from which another encryption key is derived"})

    assert len(client.inbox) == 0
    assert delivery_of(api, client)["status"] == "pending"


def test_the_api_description_has_the_new_members_and_requires_no_secret(api):
    schemas = api.get("/v1/openapi.json").json()["components"]["schemas"].values()
    optional = {"signature", "public_key", "signing_secret"}
    expected = {  # by the members from which a schema is known
        ("endpoint_url", "slug"): {"signature"},  # the body that creates a client, and each answer that shows one
        ("endpoint_url", "created_at"): {"signature", "public_key"},
        ("endpoint_url", "api_key"): optional,
        ("previous_expires_at",): {"public_key", "signing_secret"},
    }

    for known_by, members in expected.items():
        found = [schema for schema in schemas if {*known_by} <= set(schema.get("properties", {}))]
        assert found, known_by
        for schema in found:
            assert members <= set(schema["properties"])
            assert not optional & set(schema.get("required", []))
