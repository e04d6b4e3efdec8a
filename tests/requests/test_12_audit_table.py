"""Request 12: each change to a client is an entry that says when, by whom and what."""

import contextlib
import re
from urllib.parse import urlsplit

import pytest
from admin_site import CLIENTS

from harness.problems import assert_problem
from harness.receiver import Answer

# The document has one more route, and this test allows no route that it does not know.
REPLACES = ("test_running.py::test_the_document_lists_every_route",)

CHANGES = "/admin/clients/clientchange/"
SERVER = {"kind": "server", "name": None}
ADA = {"kind": "admin", "name": "ada"}
NEW = {
    "slug": "acme",
    "name": "Acme Books",
    "endpoint_url": "https://acme.example/hooks",
    "event_types": ["*"],
    "format": "std_json@1",
    "format_options": "{}",
}


def by_key(key):
    return {"kind": "api_key", "name": key[:12]}


def changed(**members):
    """`changed(name=("A", "B"))`: the member `changes` of an entry."""
    return {name: {"old": old, "new": new} for name, (old, new) in members.items()}


@contextlib.contextmanager
def without(database, tables):
    """Inside, these tables are not there."""
    for table in tables:
        database.execute(f'ALTER TABLE "{table}" RENAME TO "{table}_away"')
    try:
        yield
    finally:
        for table in tables:
            database.execute(f'ALTER TABLE "{table}_away" RENAME TO "{table}"')


@pytest.fixture
def entries(api):
    """The entries of a client, oldest first."""

    def read(slug):
        response = api.get(f"/v1/clients/{slug}/changes?limit=200")
        assert response.status == 200, response.body
        return response.json()["results"][::-1]

    return read


def test_each_change_through_the_api_is_an_entry_with_time_key_and_values(create_client, api, entries, clock):
    now = clock.freeze()
    client = create_client(slug="acme", name="Acme Books")
    old = client.created
    csv = {"name": "csv", "version": 1, "options": {"timezone": "Asia/Tokyo"}}

    client.api.patch(client.url, {"name": "Acme Music", "format": csv, "endpoint_url": old["endpoint_url"]})
    client.api.patch(client.url, {"status": "disabled"})
    api.patch(client.url, {"status": "disabled"})
    api.patch(client.url, {"status": "active", "event_types": ["payout.paid"]})
    api.post(f"{client.url}/rotate-secret", {})
    api.delete(client.url)

    operator, own = by_key(api.key), by_key(client.api_key)
    first, *others = entries("acme")
    assert first["at"] == now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    members = ("slug", "name", "endpoint_url", "event_types", "format", "status")
    assert first["changes"] == changed(**{member: (None, old[member]) for member in members})
    assert (first["by"], first["action"]) == (operator, "created")
    assert [(entry["by"], entry["action"], entry["changes"]) for entry in others] == [
        (own, "changed", changed(name=("Acme Books", "Acme Music"), format=(old["format"], csv))),
        (own, "changed", changed(status=("active", "disabled"), disabled_reason=(None, "client"))),
        (operator, "changed", changed(disabled_reason=("client", "operator"))),
        (
            operator,
            "changed",
            changed(
                status=("disabled", "active"),
                disabled_reason=("operator", None),
                event_types=(["*"], ["payout.paid"]),
            ),
        ),
        (operator, "rotated", {}),
        (operator, "deleted", {}),
    ]


def test_a_call_that_is_refused_or_changes_nothing_makes_no_entry(create_client, api, entries, client_document):
    client = create_client(slug="acme")
    before = entries("acme")
    same = {name: client.created[name] for name in ("name", "endpoint_url", "event_types", "format", "status")}

    statuses = [
        api.patch(client.url, {}).status,
        api.patch(client.url, same).status,
        api.patch(client.url, {"name": "Acme Music", "event_types": ["never"]}).status,
        api.post(f"{client.url}/rotate-secret", {"overlap_seconds": -1}).status,
        api.post("/v1/clients", client_document(slug="acme")).status,
    ]

    assert statuses == [200, 200, 422, 422, 409]
    assert len(before) == 1
    assert entries("acme") == before


def test_each_change_in_the_admin_is_an_entry_with_the_user(admin, api, key_of, entries, create_client):
    other = create_client(slug="other")
    admin.submit(f"{CLIENTS}add/", NEW)
    path = f"{CLIENTS}{key_of('acme')}/change/"
    url = NEW["endpoint_url"]

    admin.submit(path, {"endpoint_url": f"{url}/new"})
    admin.submit(path, {})
    assert admin.submit(path, {"endpoint_url": "ftp://acme.example/"}).status == 200
    admin.act(CLIENTS, "disable_selected", [key_of("acme"), key_of("other")])
    admin.post(f"{CLIENTS}{key_of('acme')}/delete/", {"post": "yes"})
    admin.post(CLIENTS, {"action": "delete_selected", "_selected_action": key_of("other"), "post": "yes"})

    acme, others = entries("acme"), entries(other.slug)
    disabled = changed(status=("active", "disabled"), disabled_reason=(None, "operator"))
    assert [entry["by"] for entry in acme] == [ADA] * 4
    assert acme[0]["action"] == "created"
    assert acme[0]["changes"]["endpoint_url"] == {"old": None, "new": url}
    assert [(entry["action"], entry["changes"]) for entry in acme[1:]] == [
        ("changed", changed(endpoint_url=(url, f"{url}/new"))),
        ("changed", disabled),
        ("deleted", {}),
    ]
    assert [(entry["by"], entry["action"]) for entry in others[1:]] == [(ADA, "changed"), (ADA, "deleted")]


@pytest.mark.parametrize("reason", ["gone", "failing"])
def test_a_client_that_the_server_disables_has_an_entry_by_the_server(
    create_client, accepted, deliver, entries, clock, reason
):
    client = create_client(event_types=["payout.paid"])
    client.inbox.answer(Answer(410 if reason == "gone" else 500))
    for _ in range(1 if reason == "gone" else 6):
        accepted(type="payout.paid")
        deliver()
        clock.move(days=1, minutes=1)

    made = entries(client.slug)[1:]

    assert [(entry["by"], entry["action"], entry["changes"]) for entry in made] == [
        (SERVER, "changed", changed(status=("active", "disabled"), disabled_reason=(None, reason)))
    ]


def test_the_entries_are_pages_for_operators_and_stay_after_a_delete(create_client, api):
    client = create_client(slug="acme")
    for name in "ABC":
        api.patch(client.url, {"name": name})
    assert_problem(client.api.get(f"{client.url}/changes"), 404)
    assert_problem(api.get("/v1/clients/nobody/changes"), 404)
    api.delete(client.url)

    first = api.get(f"{client.url}/changes?limit=3").json()
    assert set(first) == {"next", "previous", "results"}
    second = api.get(first["next"]).json()

    assert [entry["action"] for entry in first["results"]] == ["deleted", "changed", "changed"]
    assert [entry["action"] for entry in second["results"]] == ["changed", "created"]
    assert (first["previous"], second["next"]) == (None, None)
    assert_problem(api.get(f"{client.url}/changes?limit=201"), 422)


def test_without_its_entry_a_change_does_not_happen(create_client, api, database, entries):
    client = create_client(slug="acme")
    sizes = {table: len(rows) for table, rows in database.snapshot().items()}
    api.patch(client.url, {"name": "Acme Music"})
    grown = [table for table, rows in database.snapshot().items() if len(rows) > sizes[table]]
    assert grown, "no table has got an entry"
    before = api.get(client.url).json()

    with without(database, grown):
        answers = [api.patch(client.url, {"name": "Lost"}), api.delete(client.url)]

    for answer in answers:
        assert_problem(answer, 503)
    assert api.get(client.url).json() == before
    assert len(entries("acme")) == 2


def test_no_secret_is_in_an_entry(create_client, api):
    client = create_client()
    rotated = api.post(f"{client.url}/rotate-secret", {}).json()["signing_secret"]

    text = api.get(f"{client.url}/changes").text

    assert "rotated" in text
    for secret in (api.key, client.api_key, client.signing_secret.removeprefix("whsec_"), rotated[6:]):
        assert secret not in text


def test_the_admin_lists_the_entries_and_lets_nobody_change_them(admin, create_client, key_of, api):
    client = create_client(slug="acme", name="Acme Books")
    admin.submit(f"{CLIENTS}{key_of('acme')}/change/", {"name": "Acme Music"})

    listed = admin.get(CHANGES)
    assert listed.status == 200
    paths = [urlsplit(href).path for _, href in listed.links]
    pages = list(dict.fromkeys(path for path in paths if re.fullmatch(rf"{CHANGES}[^/]+/change/", path)))
    shown = admin.get(pages[0])
    before = api.get(f"{client.url}/changes").json()
    ways = [f"{CHANGES}add/", pages[0], pages[0].replace("/change/", "/delete/")]
    refused = [admin.post(way, {"action": "created", "post": "yes", "_save": "Save"}).status for way in ways]

    newest, oldest = listed.rows
    for said in ("acme", "admin", "ada", "changed"):
        assert said in newest.text
    for said in ("acme", "api_key", api.key[:12], "created"):
        assert said in oldest.text
    assert "Acme Books" in shown.text
    assert "Acme Music" in shown.text
    assert set(refused) <= {403, 404}
    assert api.get(f"{client.url}/changes").json() == before


def test_the_api_description_has_the_new_path(api):
    paths = api.get("/v1/openapi.json").json()["paths"]

    new = {re.sub(r"\{[^}]*\}", "{}", path): item for path, item in paths.items() if path.endswith("/changes")}

    assert list(new) == ["/v1/clients/{}/changes"]
    assert {"get", "post", "put", "patch", "delete"} & set(new["/v1/clients/{}/changes"]) == {"get"}
