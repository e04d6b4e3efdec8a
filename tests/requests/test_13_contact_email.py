"""Request 13: a client may have an e-mail address for contact, set in the API and in the admin."""

import pytest
from admin_site import CLIENTS

from harness.problems import assert_problem

ADDRESS = "Hooks+Ops@acme.example"
LONGEST = "a" * 63 + "@" + ".".join(["b" * 60] * 3) + ".example"  # 254 characters
REFUSED = [
    *("", "acme", "@acme.example", "hooks@", "hooks@acme", "hooks@@acme.example", "ho oks@acme.example"),
    *(" hooks@acme.example", "hooks@acme.example ", "hooks@acme.example\n", "a" + LONGEST),
    *(5, True, [ADDRESS], {"email": ADDRESS}),
]


@pytest.mark.parametrize("address", [ADDRESS, "o'brien@mail.acme.co.uk", LONGEST])
def test_a_client_is_created_with_an_address_and_shown_with_it(create_client, api, address):
    client = create_client(contact_email=address)

    assert client.created["contact_email"] == address
    assert client.api.get(client.url).json()["contact_email"] == address
    (listed,) = api.get("/v1/clients").json()["results"]
    assert listed["contact_email"] == address


def test_a_client_without_an_address_is_shown_as_today(create_client, api):
    client = create_client()

    shown = api.get(client.url).json()

    members = ("slug", "name", "endpoint_url", "event_types", "format", "status", "disabled_reason", "created_at")
    assert list(shown) == list(members)
    assert list(client.created) == [*members, "api_key", "signing_secret"]


def test_null_is_no_address(create_client, api):
    client = create_client(contact_email=None)

    assert "contact_email" not in client.created
    assert "contact_email" not in api.get(client.url).json()


@pytest.mark.parametrize("by", ["operator", "client"])
def test_a_patch_sets_keeps_and_removes_the_address(create_client, api, by):
    client = create_client()
    caller = api if by == "operator" else client.api

    answers = [
        caller.patch(client.url, change)
        for change in ({"contact_email": ADDRESS}, {"name": "Acme Music"}, {"contact_email": None})
    ]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [answer.json().get("contact_email", "none") for answer in answers] == [ADDRESS, ADDRESS, "none"]
    assert "contact_email" not in api.get(client.url).json()


@pytest.mark.parametrize("address", REFUSED)
def test_anything_but_an_address_is_refused_and_changes_nothing(create_client, client_document, api, database, address):
    client = create_client(contact_email=ADDRESS)
    before = database.snapshot()

    created = api.post("/v1/clients", client_document(contact_email=address))
    patched = client.api.patch(client.url, {"name": "Acme Music", "contact_email": address})

    assert_problem(created, 422, {"/contact_email"})
    assert_problem(patched, 422, {"/contact_email"})
    assert database.snapshot() == before


def test_the_admin_adds_changes_and_removes_the_address(admin, api, key_of):
    new = {
        "slug": "acme",
        "name": "Acme Books",
        "endpoint_url": "https://acme.example/hooks",
        "event_types": ["*"],
        "format": "std_json@1",
        "format_options": "{}",
    }
    shown = []

    admin.submit(f"{CLIENTS}add/", {**new, "contact_email": ADDRESS})
    shown.append(api.get("/v1/clients/acme").json().get("contact_email"))
    path = f"{CLIENTS}{key_of('acme')}/change/"
    in_form = admin.get(path).fields.get("contact_email")
    admin.submit(path, {"contact_email": "billing@acme.example"})
    shown.append(api.get("/v1/clients/acme").json().get("contact_email"))
    admin.submit(path, {"contact_email": ""})
    shown.append(api.get("/v1/clients/acme").json().get("contact_email", "none"))

    assert in_form == [ADDRESS]
    assert shown == [ADDRESS, "billing@acme.example", "none"]


def test_the_admin_refuses_a_bad_address(admin, create_client, api, key_of):
    client = create_client(contact_email=ADDRESS)

    page = admin.submit(f"{CLIENTS}{key_of(client.slug)}/change/", {"name": "Changed", "contact_email": "acme"})

    assert page.status == 200
    assert "errorlist" in page.html
    shown = api.get(client.url).json()
    assert (shown["name"], shown["contact_email"]) == (client.created["name"], ADDRESS)


def test_a_form_that_was_opened_before_the_address_changed_is_refused(admin, create_client, api, key_of):
    client = create_client(contact_email=ADDRESS)
    path = f"{CLIENTS}{key_of(client.slug)}/change/"
    opened = admin.get(path).fields
    assert client.api.patch(client.url, {"contact_email": "billing@acme.example"}).status == 200

    page = admin.post(path, {**opened, "name": "Changed", "_save": "Save"})

    assert page.status == 200
    shown = api.get(client.url).json()
    assert (shown["name"], shown["contact_email"]) == (client.created["name"], "billing@acme.example")


def test_the_api_description_has_the_address_where_a_client_is_and_never_requires_it(api):
    document = api.get("/v1/openapi.json").json()

    clients = [
        schema
        for schema in document["components"]["schemas"].values()
        if "endpoint_url" in schema.get("properties", {})
    ]

    assert len(clients) >= 4
    for schema in clients:
        assert "contact_email" in schema["properties"]
        assert "contact_email" not in schema.get("required", [])
