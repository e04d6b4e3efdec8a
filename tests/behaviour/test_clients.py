"""Clients: created, read, changed, disabled, deleted."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from harness.examples import event
from harness.problems import assert_problem
from harness.receiver import Answer

MEMBERS = [
    "slug",
    "name",
    "endpoint_url",
    "event_types",
    "format",
    "status",
    "disabled_reason",
    "created_at",
]


# Creating


def test_a_created_client_is_shown_with_its_secrets(api, client_document):
    document = client_document()

    response = api.post("/v1/clients", document)

    assert response.status == 201
    assert response.content_type.startswith("application/json")
    created = response.json()
    assert set(created) == {*MEMBERS, "api_key", "signing_secret"}
    assert {name: created[name] for name in document} == document
    assert created["status"] == "active"
    assert created["disabled_reason"] is None


def test_the_signing_secret_is_32_bytes_behind_whsec(create_client):
    prefix, _, encoded = create_client().signing_secret.partition("_")

    assert prefix == "whsec"
    assert len(base64.b64decode(encoded, validate=True)) == 32


def test_no_two_clients_share_a_secret_or_a_key(create_client):
    first, second = create_client(), create_client()

    assert first.signing_secret != second.signing_secret
    assert first.api_key != second.api_key


def test_created_at_is_now_in_utc_with_microseconds(create_client, clock):
    now = clock.freeze()
    created_at = create_client().created["created_at"]

    assert created_at == now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_created_at_has_six_digits_on_a_full_second_too(create_client, clock):
    clock.freeze(clock.now().replace(microsecond=0) + timedelta(seconds=1))

    assert re.search(r":\d\d\.000000Z$", create_client().created["created_at"])


@pytest.mark.parametrize("member", ["slug", "name", "endpoint_url", "event_types", "format"])
def test_a_create_body_needs_every_member(api, client_document, database, member):
    document = client_document()
    del document[member]

    response = api.post("/v1/clients", document)

    assert_problem(response, 422, {f"/{member}"})
    assert database.rows("SELECT * FROM clients_client") == []


def test_all_missing_members_are_named_together(api):
    expected = {"/slug", "/name", "/endpoint_url", "/event_types", "/format"}

    assert_problem(api.post("/v1/clients", {}), 422, expected)


@pytest.mark.parametrize("member", ["name", "version"])
def test_a_format_needs_a_name_and_a_version(api, client_document, member):
    format = {"name": "std_json", "version": 1}
    del format[member]

    response = api.post("/v1/clients", client_document(format=format))

    assert_problem(response, 422, {f"/format/{member}"})


def test_options_may_be_left_out(api, client_document):
    document = client_document(format={"name": "std_json", "version": 1})

    response = api.post("/v1/clients", document)

    assert response.status == 201
    assert response.json()["format"] == {"name": "std_json", "version": 1, "options": {}}


@pytest.mark.parametrize(
    "unknown",
    ["color", "Name", "id", "status", "disabled_reason", "created_at", "api_key", "signing_secret"],
)
def test_an_unknown_member_is_refused(api, client_document, unknown):
    response = api.post("/v1/clients", client_document(**{unknown: "active"}))

    assert_problem(response, 422, {f"/{unknown}"})


def test_an_unknown_member_of_a_format_is_refused(api, client_document):
    format = {"name": "std_json", "version": 1, "options": {}, "color": 1}

    response = api.post("/v1/clients", client_document(format=format))

    assert_problem(response, 422, {"/format/color"})


# Reading


def test_a_client_is_read_as_it_was_created(create_client, api):
    client = create_client(format="csv", options={"timezone": "Europe/Berlin"})
    expected = {name: client.created[name] for name in MEMBERS}

    for reader in (api, client.api):
        response = reader.get(client.url)
        assert response.status == 200
        assert response.json() == expected
    assert api.get("/v1/clients").json()["results"] == [expected]


def test_a_client_that_is_not_there_is_404(api):
    for method in ("GET", "DELETE"):
        assert_problem(api.request(method, "/v1/clients/nobody"), 404)
    assert_problem(api.patch("/v1/clients/nobody", {"name": "A"}), 404)


def test_a_slug_is_looked_up_exactly(create_client, api):
    create_client(slug="acme")

    for slug in ("ACME", "acm", "acme-", "%61cme%20"):
        assert_problem(api.get(f"/v1/clients/{slug}"), 404)


def test_secrets_are_shown_at_creation_only(create_client, api):
    client = create_client()

    answers = [
        api.get(client.url),
        api.get("/v1/clients"),
        client.api.get(client.url),
        api.patch(client.url, {"name": "Acme"}),
        client.api.patch(client.url, {"status": "disabled"}),
    ]

    for answer in answers:
        assert answer.status == 200
        assert "secret" not in answer.text
        assert client.signing_secret.removeprefix("whsec_") not in answer.text


def test_signing_secrets_are_encrypted_at_rest(create_client, database):
    client = create_client()
    encoded = client.signing_secret.removeprefix("whsec_")
    raw = base64.b64decode(encoded)
    forms = [encoded, encoded.rstrip("="), raw.hex(), base64.urlsafe_b64encode(raw).decode(), repr(raw)]
    once_more = [base64.b64encode(form.encode()).decode().rstrip("=")[:-1] for form in (encoded, client.signing_secret)]

    kept = repr(database.snapshot())

    for form in (*forms, *once_more):
        assert form not in kept


# Patching


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Acme Music"},
        {"endpoint_url": "https://example.com/other"},
        {"event_types": ["payment.failed"]},
        {"format": {"name": "csv", "version": 1, "options": {"timezone": "Asia/Tokyo"}}},
        {"status": "disabled"},
        {"name": "B", "event_types": ["payout.paid"]},
        {},
    ],
)
def test_a_patch_changes_what_it_names_and_nothing_else(create_client, api, changes):
    client = create_client()
    before = api.get(client.url).json()
    reason = {"disabled_reason": "operator"} if "status" in changes else {}

    response = api.patch(client.url, changes)

    assert response.status == 200
    assert response.json() == {**before, **changes, **reason}
    assert api.get(client.url).json() == response.json()


@pytest.mark.parametrize(
    "member",
    ["slug", "created_at", "disabled_reason", "api_key", "signing_secret", "id", "deleted_at", "failing_since"],
)
def test_what_is_not_open_to_patches_is_an_unknown_member(create_client, api, member):
    client = create_client()
    before = api.get(client.url).json()

    response = api.patch(client.url, {"name": "New", member: before.get(member)})

    assert_problem(response, 422, {f"/{member}"})
    assert api.get(client.url).json() == before


@pytest.mark.parametrize(
    "changes, pointer",
    [
        ({"name": None}, "/name"),
        ({"name": "x" * 141}, "/name"),
        ({"event_types": ["nothing"]}, "/event_types/0"),
        ({"event_types": None}, "/event_types"),
        ({"status": None}, "/status"),
        ({"status": "paused"}, "/status"),
        ({"status": "Active"}, "/status"),
        ({"status": "gone"}, "/status"),
        ({"status": True}, "/status"),
        ({"status": ["active"]}, "/status"),
        ({"status": ""}, "/status"),
    ],
)
def test_a_bad_patch_changes_nothing(create_client, api, database, changes, pointer):
    client = create_client()
    before = database.snapshot()

    response = api.patch(client.url, {"endpoint_url": "https://example.com/", **changes})

    assert_problem(response, 422, {pointer})
    assert database.snapshot() == before


def test_two_patches_at_once_do_not_undo_each_other(create_client, api):
    client = create_client()

    with ThreadPoolExecutor(2) as two:
        for number in range(15):
            changes = {"name": f"Acme {number}"}, {"endpoint_url": f"https://example.com/{number}"}
            answers = list(two.map(lambda change: api.patch(client.url, change), changes))
            now = api.get(client.url).json()
            assert [answer.status for answer in answers] == [200, 200]
            assert (now["name"], now["endpoint_url"]) == (*changes[0].values(), *changes[1].values())


# Status


def status_of(response):
    assert response.status == 200, response.body
    return response.json()["status"], response.json()["disabled_reason"]


def test_the_reason_says_who_disabled_a_client(create_client, api):
    client = create_client()

    assert status_of(api.patch(client.url, {"status": "disabled"})) == ("disabled", "operator")
    assert status_of(api.patch(client.url, {"status": "active"})) == ("active", None)
    assert status_of(client.api.patch(client.url, {"status": "disabled"})) == ("disabled", "client")
    assert status_of(client.api.patch(client.url, {"status": "active"})) == ("active", None)


def test_an_endpoint_that_is_gone_disables_its_client(create_client, api, accepted, deliver):
    client = create_client()
    client.inbox.answer(Answer(410))
    accepted()

    deliver()

    assert status_of(api.get(client.url)) == ("disabled", "gone")


def test_a_disabled_client_still_gets_rows_that_wait(create_client, api, accepted, deliver):
    client = create_client()
    api.patch(client.url, {"status": "disabled"})
    accepted()

    deliver()

    (delivery,) = client.api.get("/v1/deliveries").json()["results"]
    assert (delivery["status"], delivery["attempt_count"]) == ("pending", 0)
    assert len(client.inbox) == 0


def test_an_enabled_client_gets_what_waited(create_client, api, accepted, deliver):
    client = create_client()
    api.patch(client.url, {"status": "disabled"})
    accepted()
    api.patch(client.url, {"status": "active"})

    deliver()

    assert len(client.inbox) == 1


# Deleting


def test_a_deleted_client_is_gone(create_client, api):
    client = create_client()

    response = api.delete(client.url)

    assert response.status == 204
    assert response.body == b""
    assert_problem(api.get(client.url), 404)
    assert_problem(api.patch(client.url, {"name": "A"}), 404)
    assert_problem(api.delete(client.url), 404)
    for call, body in (("rotate-secret", {}), ("test", {}), ("preview", event())):
        assert_problem(api.post(f"{client.url}/{call}", body), 404)
    assert api.get("/v1/clients").json()["results"] == []


def test_deleting_cancels_what_was_pending_and_keeps_the_history(create_client, api, accepted, deliver):
    client = create_client()
    client.inbox.answer(Answer(200), Answer(500))
    events = [accepted(), accepted(), accepted()]
    deliver()
    before = {d["id"]: d for d in api.get("/v1/deliveries").json()["results"]}

    api.delete(client.url)

    after = {d["id"]: d for d in api.get(f"/v1/deliveries?client={client.slug}").json()["results"]}
    assert set(after) == set(before)
    for delivery_id, delivery in after.items():
        was = before[delivery_id]
        ended = "delivered" if was["status"] == "delivered" else "cancelled"
        assert delivery == {**was, "status": ended, "next_attempt_at": None}
        attempts = api.get(f"/v1/deliveries/{delivery_id}").json()["attempts"]
        assert len(attempts) == was["attempt_count"] == 1
    assert sorted(d["status"] for d in after.values()) == ["cancelled", "cancelled", "delivered"]
    assert [api.get(f"/v1/events/{event_id}").status for event_id in events] == [200, 200, 200]


def test_deleting_cancels_what_waits_for_a_disabled_client(create_client, api, accepted):
    client = create_client()
    api.patch(client.url, {"status": "disabled"})
    accepted()

    api.delete(client.url)

    (delivery,) = api.get("/v1/deliveries").json()["results"]
    assert delivery["status"] == "cancelled"


def test_a_deleted_client_gets_nothing_any_more(create_client, api, accepted, deliver, clock):
    client = create_client()
    other = create_client()
    accepted()
    api.delete(client.url)

    response = api.post("/v1/events", event(), headers={"Idempotency-Key": "after"})
    deliver()
    clock.move(hours=1)
    deliver()

    assert response.json()["deliveries"] == 1
    assert len(client.inbox) == 0
    assert len(other.inbox) == 2


def test_a_cancelled_delivery_cannot_be_retried(create_client, api, accepted):
    client = create_client()
    accepted()
    api.delete(client.url)
    (delivery,) = api.get("/v1/deliveries").json()["results"]

    assert_problem(api.post(f"/v1/deliveries/{delivery['id']}/retry"), 409)
