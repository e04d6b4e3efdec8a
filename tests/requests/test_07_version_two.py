"""Request 07: a version two of the calls for events that says payee, and a version one that does not change."""

from urllib.parse import parse_qs, urlsplit

import pytest

from harness.examples import event
from harness.http import Api
from harness.problems import assert_problem
from harness.processes import Stage
from harness.world import Manage

AS_POSTED = (
    '{"id":"%s","type":"payment.captured","occurred_at":"2026-11-22T13:27:24.123456Z","data":{"payment_id":"pay_01",'
    '"amount":"10.10","currency":"USD","status":"captured","%s":{"id":"cus_1","name":"Zoë Müller",'
    '"email":"zoe@example.com","iban":"DE89370400440532013000"},"reference":null,"failure":null}}'
)
MEMBERS = ("id", "name", "email", "iban")


def payee_event(**changes):
    """The example event in the words of version two."""
    document = event(**changes)
    data = {("payee" if name == "customer" else name): value for name, value in document["data"].items()}
    return {**document, "data": data}


@pytest.fixture
def post(api):
    """Posts to a version, by default its own example."""

    def send(version, body=None, key=None, through=api):
        body = body or (event() if version == "v1" else payee_event())
        return through.post(f"/{version}/events", body, headers={"Idempotency-Key": key or f"{version}-key"})

    return send


@pytest.fixture
def posted(post):
    """Posts like `post`, but the answer must be 202. Returns the event's id."""

    def send(*args, **more):
        response = post(*args, **more)
        assert response.status == 202, response.body
        return response.json()["id"]

    return send


@pytest.mark.parametrize("posted_to", ["v1", "v2"])
def test_each_version_shows_each_event_in_its_own_words(api, post, posted_to):
    response = post(posted_to)

    assert response.status == 202
    assert set(response.json()) == {"id", "deliveries"}
    event_id = response.json()["id"]
    for version, name in (("v1", "customer"), ("v2", "payee")):
        alone, page = api.get(f"/{version}/events/{event_id}"), api.get(f"/{version}/events")
        expected = (AS_POSTED % (event_id, name)).encode()
        assert (alone.status, alone.body) == (200, expected)
        assert page.body == b'{"next":null,"previous":null,"results":[' + expected + b"]}"


def test_a_page_of_version_two_has_the_events_of_both_and_its_own_links(api, posted):
    types = [("v1", "payout.paid"), ("v2", "payment.captured"), ("v2", "payout.paid"), ("v1", "payout.paid")]
    ids = [
        posted(version, event(type=name) if version == "v1" else payee_event(type=name), key=f"k{number}")
        for number, (version, name) in enumerate(types)
    ]

    first = api.get("/v2/events?type=payout.paid&limit=2").json()
    second = api.get(first["next"]).json()

    shown = first["results"] + second["results"]
    assert [row["id"] for row in shown] == [ids[3], ids[2], ids[0]]
    assert [row["data"]["payee"]["id"] for row in shown] == ["cus_1"] * 3
    for link in (first["next"], second["previous"]):
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/v2/events")
        assert parse_qs(parts.query)["type"] == ["payout.paid"]


def test_each_version_refuses_the_other_ones_words_and_names_its_own(post, database):
    person = {"name": "", "email": "zoe", "iban": 7, "phone": "1"}
    before = database.snapshot()

    other_words = [post("v2", event()), post("v1", payee_event())]
    bad_payee = post("v2", payee_event(data__customer=person, data__amount="1.005"))
    missing = post("v2", {**payee_event(), "data": {**payee_event()["data"], "payee": None}})

    for response in other_words:
        assert_problem(response, 422, {"/data/customer", "/data/payee"})
    of_payee = {f"/data/payee/{name}" for name in (*MEMBERS, "phone")}
    assert_problem(bad_payee, 422, of_payee | {"/data/amount"})
    assert_problem(missing, 422, {"/data/payee"})
    assert database.snapshot() == before


def test_both_versions_share_the_idempotency_keys(post, posted, api):
    first, second = posted("v1", key="one"), posted("v2", key="two")

    again = post("v2", key="two")
    refused = [post("v2", key="one"), post("v1", key="two")]

    assert (again.status, again.json()["id"]) == (202, second)
    assert again.headers["Idempotent-Replayed"] == "true"
    for response in refused:
        assert_problem(response, 422, {""}, naming="Idempotency-Key")
    ids = [row["id"] for row in api.get("/v1/events").json()["results"]]
    assert ids == [second, first]


CLIENTS = {
    "std_json": {"mask": ["customer.name"], "rename": {"customer": "buyer"}},
    "flat_camel@1": {"mask": ["customer.iban"]},
    "xml_bank": {"mask": ["customer.email"]},
    "form_legacy": {"rename": {"customer[id]": "who"}},
    "csv": {},
}


def test_a_client_gets_the_same_bytes_of_an_event_in_either_version(posted, create_client, deliver, api):
    clients = [create_client(format=name, options=options) for name, options in CLIENTS.items()]
    ids = [posted(version) for version in ("v1", "v2")]

    deliver()

    for client in clients:
        sent = {request.headers["webhook-id"]: request for request in client.inbox}
        assert sorted(sent) == sorted(ids)
        assert len(set(client.inbox.bodies)) == 1
        assert b"ayee" not in client.inbox.bodies[0]
        for event_id, version in zip(ids * 2, ("v1", "v1", "v2", "v2"), strict=True):
            own = client.api.get(f"/{version}/events/{event_id}")
            as_client = api.get(f"/{version}/events/{event_id}?client={client.slug}")
            assert own.body == as_client.body == client.inbox.bodies[0]
            assert own.content_type == as_client.content_type == sent[event_id].headers["content-type"]


def test_version_two_has_the_rights_of_version_one_and_no_other_calls(api, post, posted, create_client):
    client = create_client(event_types=["payment.failed"])
    event_id = posted("v2")

    for response in (post("v2", through=client.api, key="x"), client.api.get("/v2/events")):
        assert_problem(response, 404)
    assert_problem(client.api.get(f"/v2/events/{event_id}"), 404)
    assert_problem(api.get("/v2/events/evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"), 404)
    assert_problem(api.get("/v2/clients"), 404)
    assert_problem(api.post(f"/v2/clients/{client.slug}/preview", payee_event()), 404)
    assert_problem(api.anonymous().get(f"/v2/events/{event_id}"), 401)
    assert_problem(api.post("/v2/events", payee_event()), 400, {""}, naming="Idempotency-Key")
    assert_problem(api.delete("/v2/events"), 405)


@pytest.fixture
def on_new_database(stage, new_database, tmp_path):
    """A database of its own, and the commands on it."""
    database = new_database()
    own = Stage(stage.folder, {**stage.env, "DATABASE_URL": database.url}, tmp_path)
    yield database, Manage(own)
    own.stop()


def test_the_columns_have_the_new_names_and_the_migration_keeps_the_values(on_new_database):
    database, manage = on_new_database
    manage.ok("migrate", "--verbosity", "0")
    server = manage.serve()
    api = Api(server.port, manage.ok("create_api_key", "--role", "operator").stdout.strip())
    body = event(data__customer__email=None)
    assert api.post("/v1/events", body, headers={"Idempotency-Key": "k"}).status == 202
    server.process.kill()

    rows = [database.row("SELECT * FROM webhooks_event")]
    manage.ok("migrate", "webhooks", "0003", "--verbosity", "0")
    rows.append(database.row("SELECT * FROM webhooks_event"))
    manage.ok("migrate", "--verbosity", "0")
    rows.append(database.row("SELECT * FROM webhooks_event"))

    person = body["data"]["customer"]
    for row, name, other in zip(rows, ("payee", "customer", "payee"), ("customer", "payee", "customer"), strict=True):
        assert {member: row[f"{name}_{member}"] for member in MEMBERS if f"{name}_{member}" in row} == person
        assert not [column for column in row if column.startswith(other)]


def test_the_document_describes_the_calls(api):
    paths = api.get("/v1/openapi.json").json()["paths"]

    calls = {path.partition("{")[0]: set(item) & {"get", "post"} for path, item in paths.items() if "/v2/" in path}
    assert calls == {"/v2/events": {"get", "post"}, "/v2/events/": {"get"}}
