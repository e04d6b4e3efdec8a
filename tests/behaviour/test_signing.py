"""Signatures as Standard Webhooks 1.0 defines them, checked by its public verifiers, and the secrets at rest."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import standardwebhooks
import svix.webhooks
from cryptography.fernet import Fernet, InvalidToken
from history import delivery_of, moment

from harness.http import Api
from harness.receiver import Answer, Received

FORMATS = [
    "std_json@1",
    "flat_camel@1",
    "flat_camel@2",
    "xml_bank@1",
    "form_legacy@1",
    "cloudevents@1",
    "slack_blocks@1",
    "csv@1",
]
IN_MANY_SCRIPTS = {
    "/type": "payment.failed",
    "/data/customer/name": "Żółć 李小龍 🧾\tأحمد",
    "/data/reference": "“Rechnung”; 7 & <b>\r\nline two",
    "/data/failure": {"code": "declined", "message": "Karte abgelehnt – 100 %"},
}


def signature(secret: str, request: Received) -> str:
    """A public library's signature for this request. Its `sign` reads no clock, unlike `verify`."""
    at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
    signer = standardwebhooks.Webhook(secret)
    return signer.sign(request.headers["webhook-id"], at, request.body.decode())


def signatures(request: Received) -> list[str]:
    return request.headers["webhook-signature"].split(" ")


def rotate(client: Any, overlap_seconds: int) -> str:
    response = client.api.post(f"{client.url}/rotate-secret", {"overlap_seconds": overlap_seconds})
    assert response.status == 200, response.body
    return response.json()["signing_secret"]


@pytest.fixture
def sent(accepted, deliver):
    """Posts an event and delivers it. Returns the request that the client got last."""

    def send(client: Any) -> Received:
        accepted()
        deliver()
        return client.inbox.last

    return send


# Verification by public libraries


@pytest.mark.parametrize("format", FORMATS)
def test_the_public_verifiers_accept_every_request(create_client, accepted, deliver, format):
    client = create_client(format=format)
    accepted(IN_MANY_SCRIPTS)

    deliver()

    request = client.inbox.last
    standardwebhooks.Webhook(client.signing_secret).verify(request.body, request.headers, json_parse=False)
    svix.webhooks.Webhook(client.signing_secret).verify(request.body, request.headers)


def test_a_changed_body_id_or_time_and_another_secret_are_not_accepted(create_client, sent):
    client, other = create_client(), create_client()

    request = sent(client)

    verifier = standardwebhooks.Webhook(client.signing_secret)
    timestamp = str(int(request.headers["webhook-timestamp"]) + 1)
    for body, headers in (
        (request.body + b" ", request.headers),
        (request.body, {**request.headers, "webhook-id": "evt_another"}),
        (request.body, {**request.headers, "webhook-timestamp": timestamp}),
        (request.body, other.inbox.last.headers),
    ):
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            verifier.verify(body, headers, json_parse=False)


def test_the_id_is_the_events_for_every_client(create_client, accepted, deliver):
    clients = [create_client(), create_client(format="xml_bank")]
    event = accepted()

    deliver()

    assert [client.inbox.last.headers["webhook-id"] for client in clients] == [event, event]


def test_the_timestamp_is_the_processs_time_in_whole_seconds(create_client, sent, clock):
    clock.freeze(datetime(2033, 5, 18, 3, 33, 20, 999999, tzinfo=UTC))
    client = create_client()

    request = sent(client)

    assert request.headers["webhook-timestamp"] == "2000000000"
    assert signatures(request) == [signature(client.signing_secret, request)]


def test_every_attempt_has_a_new_signature(create_client, accepted, deliver, clock):
    clock.freeze()
    client = create_client()
    client.inbox.answer(Answer(500))
    accepted()

    deliver()
    clock.move(seconds=7)
    deliver()

    first, second = client.inbox
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 7
    assert signatures(first) == [signature(client.signing_secret, first)]
    assert signatures(second) == [signature(client.signing_secret, second)]
    assert signatures(first) != signatures(second)


# Rotation


def test_a_secret_is_32_bytes_in_base64_and_no_two_are_the_same(create_client):
    clients = [create_client() for _ in range(3)]
    secrets = [client.signing_secret for client in clients] + [rotate(client, 0) for client in clients]

    assert len(set(secrets)) == 6
    for secret in secrets:
        assert secret.startswith("whsec_")
        assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32


def test_two_secrets_sign_newest_first_while_they_overlap(create_client, sent, clock):
    client = create_client()
    new = rotate(client, 3600)

    clock.move(seconds=3590)
    request = sent(client)

    assert signatures(request) == [signature(new, request), signature(client.signing_secret, request)]


def test_either_secret_verifies_while_they_overlap(create_client, sent):
    client = create_client()
    new = rotate(client, 3600)

    request = sent(client)

    for secret in (new, client.signing_secret):
        standardwebhooks.Webhook(secret).verify(request.body, request.headers, json_parse=False)
        svix.webhooks.Webhook(secret).verify(request.body, request.headers)


def test_one_secret_signs_once_the_overlap_is_over(create_client, sent, clock):
    client = create_client()
    new = rotate(client, 3600)

    clock.move(seconds=3601)
    request = sent(client)

    assert signatures(request) == [signature(new, request)]


def test_the_overlap_ends_when_the_rotation_said(create_client, sent, clock):
    client = create_client()
    rotated = client.api.post(f"{client.url}/rotate-secret", {"overlap_seconds": 60}).json()
    expires_at = moment(rotated["previous_expires_at"])

    clock.freeze(expires_at - timedelta(seconds=1))
    before = sent(client)
    clock.freeze(expires_at + timedelta(seconds=1))
    after = sent(client)

    assert [len(signatures(before)), len(signatures(after))] == [2, 1]


def test_rotated_again_inside_the_overlap_the_oldest_goes(create_client, sent):
    client = create_client()
    second = rotate(client, 3600)
    third = rotate(client, 3600)

    request = sent(client)

    assert signatures(request) == [signature(third, request), signature(second, request)]


def test_without_an_overlap_the_old_secret_signs_no_more(create_client, sent):
    client = create_client()
    new = rotate(client, 0)

    request = sent(client)

    assert signatures(request) == [signature(new, request)]


def test_a_rotation_without_an_overlap_ends_an_earlier_overlap(create_client, sent):
    client = create_client()
    rotate(client, 3600)
    third = rotate(client, 0)

    request = sent(client)

    assert signatures(request) == [signature(third, request)]


def test_a_retry_is_signed_with_the_present_secret(create_client, accepted, deliver, clock):
    client = create_client()
    client.inbox.answer(Answer(500))
    accepted()

    deliver()
    new = rotate(client, 0)
    clock.move(seconds=7)
    deliver()

    first, second = client.inbox
    assert signatures(first) == [signature(client.signing_secret, first)]
    assert signatures(second) == [signature(new, second)]


def test_one_clients_rotation_is_not_anothers(create_client, sent):
    client, other = create_client(), create_client()
    rotate(other, 3600)

    request = sent(client)

    assert signatures(request) == [signature(client.signing_secret, request)]


# At rest


def everything(database: Any) -> bytes:
    """The whole content of the database: the values of all tables and, with SQLite, the bytes of its files."""
    parts = database.files()
    for rows in database.snapshot().values():
        for row in rows:
            parts += [bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for v in row.values()]
    return b"\n".join(parts)


def test_no_secret_is_readable_in_the_database(create_client, sent, database):
    client = create_client()
    secrets = [client.signing_secret, rotate(client, 3600)]
    sent(client)

    content = everything(database)

    assert client.slug.encode() in content
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        for form in (
            key,
            key.hex().encode(),
            base64.b64encode(key).rstrip(b"="),
            base64.urlsafe_b64encode(key).rstrip(b"="),
            base64.b64encode(secret.encode()).rstrip(b"="),
        ):
            assert form not in content


def test_the_first_key_encrypts_and_every_key_decrypts(
    create_client, accepted, client_document, manage, api, receiver, database
):
    new, old = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keys = {"WEBHOOKS_ENCRYPTION_KEYS": f"{new},{old}"}
    rotating = Api(manage.serve(env=keys).port, api.key)
    created = rotating.post("/v1/clients", client_document(slug="acme")).json()
    sealed = database.value("SELECT signing_secret FROM clients_client WHERE slug = 'acme'").encode()
    with pytest.raises(InvalidToken):
        Fernet(old).decrypt(sealed)
    secret = Fernet(new).decrypt(sealed)
    of_old_times = Fernet(old).encrypt(secret).decode()
    database.execute("UPDATE clients_client SET signing_secret = ? WHERE slug = 'acme'", of_old_times)
    accepted()

    manage.ok("deliver", "--once", env=keys)

    (request,) = receiver.inbox("/acme")
    standardwebhooks.Webhook(created["signing_secret"]).verify(request.body, request.headers, json_parse=False)


def test_a_secret_that_cannot_be_decrypted_sends_nothing(api, create_client, accepted, manage):
    client = create_client()
    accepted()

    manage("deliver", "--once", env={"SECRET_KEY": "another one, from which another encryption key is derived"})

    assert len(client.inbox) == 0
    assert delivery_of(api, client)["status"] == "pending"
