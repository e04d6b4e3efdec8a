"""Request 02: a retired format takes no new clients, and the clients that have it notice nothing."""

import pytest
from admin_site import CLIENTS, AdminSite

from harness.examples import EXAMPLE
from harness.http import Api
from harness.problems import assert_problem

RETIRED = {"RETIRED_FORMATS": " csv@1 ,flat_camel@1"}
FLAT_CAMEL_1 = {"name": "flat_camel", "version": 1, "options": {}}
FLAT_CAMEL_2 = {"name": "flat_camel", "version": 2, "options": {}}


@pytest.fixture(scope="module")
def retiring_server(stage, _operator_key):
    """An API server with two retired formats, on the database of all tests of this module."""
    server = stage.serve(RETIRED)
    yield server
    server.process.kill()


@pytest.fixture
def retiring(retiring_server, api):
    """Its API, with an operator's key. `api` is the API of a server without retired formats."""
    retiring_server.mark()
    return Api(retiring_server.port, api.key, retiring_server.log)


def as_client(retiring, client):
    return retiring.as_key(client.api_key)


def test_a_new_client_cannot_have_a_retired_format(retiring, client_document, api):
    refused = retiring.post("/v1/clients", client_document(format=FLAT_CAMEL_1))
    taken = retiring.post("/v1/clients", client_document(format=FLAT_CAMEL_2))

    assert_problem(refused, 422, {"/format/version"})
    assert taken.status == 201
    assert [client["slug"] for client in api.get("/v1/clients").json()["results"]] == [taken.json()["slug"]]


def test_no_client_can_change_to_a_retired_format(retiring, create_client, api):
    client, newer = create_client(format="std_json"), create_client(format="flat_camel@2")
    before = api.get(client.url).json(), api.get(newer.url).json()

    for through in (retiring, as_client(retiring, client)):
        assert_problem(through.patch(client.url, {"name": "B", "format": FLAT_CAMEL_1}), 422, {"/format/version"})
    assert_problem(retiring.patch(newer.url, {"format": FLAT_CAMEL_1}), 422, {"/format/version"})

    assert (api.get(client.url).json(), api.get(newer.url).json()) == before


def test_a_client_that_has_it_may_change_all_else_and_cannot_come_back(retiring, create_client):
    client = create_client(format="flat_camel@1")
    own = as_client(retiring, client)
    other_options = {**FLAT_CAMEL_1, "options": {"null_policy": "keep"}}

    renamed = own.patch(client.url, {"name": "Acme Music", "status": "disabled"})
    enabled = own.patch(client.url, {"status": "active"})
    with_options = own.patch(client.url, {"format": other_options})
    left = own.patch(client.url, {"format": FLAT_CAMEL_2})
    back = own.patch(client.url, {"format": FLAT_CAMEL_1})

    assert [answer.status for answer in (renamed, enabled, with_options, left)] == [200] * 4
    assert renamed.json()["name"] == "Acme Music"
    assert with_options.json()["format"] == other_options
    assert_problem(back, 422, {"/format/version"})
    assert retiring.get(client.url).json()["format"] == FLAT_CAMEL_2


def test_a_client_that_has_it_gets_what_it_got_before(retiring, create_client, api, deliver):
    client = create_client(format="flat_camel@1")
    expected = api.post(f"{client.url}/preview", EXAMPLE)

    preview = as_client(retiring, client).post(f"{client.url}/preview", EXAMPLE)
    event = retiring.post("/v1/events", EXAMPLE, headers={"Idempotency-Key": "retired"})
    tested = as_client(retiring, client).post(f"{client.url}/test")
    deliver(env=RETIRED)

    assert (preview.status, preview.content_type, preview.body) == (200, expected.content_type, expected.body)
    assert (event.status, tested.status) == (202, 202)
    sent = {request.headers["webhook-id"]: request.body for request in client.inbox}
    assert set(sent) == {event.json()["id"], tested.json()["id"]}
    assert sent[event.json()["id"]] == expected.body


def test_the_list_of_formats_says_which_are_retired(retiring, api):
    listed = retiring.get("/v1/formats").json()

    retired = {
        f"{format['name']}@{version['version']}": version.pop("retired")
        for format in listed
        for version in format["versions"]
        if "retired" in version
    }
    assert retired == {"csv@1": True, "flat_camel@1": True}
    assert listed == api.get("/v1/formats").json()
    assert '"retired"' in api.anonymous().get("/v1/openapi.json").text


def test_the_admin_refuses_a_retired_format_and_saves_a_client_that_has_it(
    retiring, admin, create_client, key_of, api, receiver
):
    site = AdminSite(retiring, admin.cookies)
    old, other = create_client(format="flat_camel@1"), create_client(format="std_json")
    new = {
        "slug": "acme",
        "name": "Acme",
        "endpoint_url": receiver.url("/acme"),
        "event_types": ["*"],
        "format": "flat_camel@1",
        "format_options": "{}",
    }

    added = site.submit(f"{CLIENTS}add/", new)
    changed = site.submit(f"{CLIENTS}{key_of(other.slug)}/change/", {"format": "flat_camel@1"})
    saved = site.submit(f"{CLIENTS}{key_of(old.slug)}/change/", {"name": "Old, but well"})

    assert [page.status for page in (added, changed, saved)] == [200, 200, 302]
    assert all("errorlist" in page.html for page in (added, changed))
    assert_problem(api.get("/v1/clients/acme"), 404)
    assert api.get(other.url).json()["format"]["name"] == "std_json"
    shown = api.get(old.url).json()
    assert (shown["name"], shown["format"]) == ("Old, but well", FLAT_CAMEL_1)


def test_a_name_that_is_no_format_stops_the_start(manage):
    for argv, entry in (
        (("check",), "flat_camel@9"),
        (("check",), "flat_camel"),
        (("runserver", "--noreload", "127.0.0.1:0"), "morse@1"),
    ):
        run = manage(*argv, env={"RETIRED_FORMATS": f"csv@1,{entry}"}, within=20)

        assert run.exit_code != 0
        assert entry in run.stderr
