"""Section 1, keys: making, showing once, storing and revoking them, and invalid keys."""

import pytest

from harness.problems import assert_problem


def create_key(manage, *arguments):
    return manage.ok("create_api_key", *arguments).stdout.strip()


# No key, or a bad one


def test_a_deleted_clients_key_does_not_work_even_if_it_was_not_revoked(manage, create_client, api, database):
    """A key like one that was made while its client was being deleted."""
    client = create_client()
    made = create_key(manage, "--role", "client", "--client", client.slug)
    api.delete(client.url)
    database.execute("UPDATE clients_apikey SET revoked_at = NULL")

    for key in (client.api_key, made):
        assert_problem(api.as_key(key).get("/v1/deliveries"), 401)
    assert api.get("/v1/deliveries").status == 200


def test_no_answer_of_the_api_is_kept_by_a_cache(create_client, client_document, api):
    client = create_client()

    for answer in (
        api.post("/v1/clients", client_document()),
        client.api.post(f"{client.url}/rotate-secret", {}),
        client.api.get(client.url),
        api.anonymous().get(client.url),
        api.post("/v1/clients", {}),
    ):
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic b3A6b3A=", "Token {key}", "{key}", "Bearer {key}x", "Bearer x{key}"],
)
def test_a_request_without_a_proper_bearer_key_is_401(api, header):
    authorization = header.format(key=api.key)

    response = api.anonymous().get("/v1/formats", headers={"Authorization": authorization})

    assert_problem(response, 401)


def test_a_request_without_an_authorization_header_is_401(api):
    assert_problem(api.anonymous().get("/v1/formats"), 401)


@pytest.mark.parametrize(
    "key",
    [b"\xff\xfe", "schlüssel".encode(), b"\x01", b"a" * 8000, b"%00", b"whk_\xed\xa0\x80"],
)
def test_a_key_of_strange_bytes_is_401(api, key):
    response = api.anonymous().get("/v1/formats", headers=[("Authorization", b"Bearer " + key)])

    assert_problem(response, 401)


def test_two_authorization_headers_do_not_add_up_to_a_key(api):
    twice = [("Authorization", "Bearer nobody"), ("Authorization", f"Bearer {api.key}")]

    assert_problem(api.anonymous().get("/v1/formats", headers=twice), 401)


def test_what_the_database_keeps_of_a_key_is_no_key(api, database):
    kept = {
        value
        for row in database.rows("SELECT * FROM clients_apikey")
        for value in row.values()
        if isinstance(value, str) and value.isascii() and value
    }

    statuses = {value: api.as_key(value).get("/v1/formats").status for value in kept}

    assert statuses == dict.fromkeys(kept, 401)


def test_a_beginning_of_a_key_is_no_key(api):
    assert_problem(api.as_key(api.key[:-1]).get("/v1/formats"), 401)
    assert_problem(api.as_key(api.key[:12]).get("/v1/formats"), 401)


@pytest.mark.parametrize("target", ["/v1/openapi.json", "/healthz", "/readyz", "/metrics"])
def test_the_open_pages_need_no_key_and_mind_no_bad_one(api, target):
    assert api.anonymous().get(target).status == 200
    assert api.as_key("nobody").get(target).status == 200


# Stored hashed, shown once


def test_keys_are_not_stored_as_they_are(api, manage, create_client, database):
    client = create_client()
    another = create_key(manage, "--role", "client", "--client", client.slug)

    kept = repr(database.snapshot())

    for key in (api.key, client.api_key, another):
        assert key not in kept
        assert key.partition("_")[2] not in kept


def test_a_client_key_is_shown_at_creation_only(api, create_client):
    client = create_client()

    answers = [
        api.get(client.url),
        client.api.get(client.url),
        api.get("/v1/clients"),
        client.api.patch(client.url, {"name": "Acme"}),
        client.api.post(client.url + "/rotate-secret"),
    ]

    for answer in answers:
        assert answer.status == 200
        assert "api_key" not in answer.text
        assert client.api_key not in answer.text


# create_api_key


def test_create_api_key_prints_the_key_alone(manage, api):
    run = manage.ok("create_api_key", "--role", "operator")

    (key,) = run.stdout.splitlines()
    assert key == key.strip() and " " not in key
    assert run.stdout == key + "\n"
    assert api.as_key(key).get("/v1/clients").status == 200
    assert key not in run.stderr


def test_create_api_key_makes_keys_of_a_client(manage, create_client):
    client = create_client()

    key = create_key(manage, "--role", "client", "--client", client.slug)

    assert key != client.api_key
    assert client.api.as_key(key).get(client.url).json()["slug"] == client.slug
    assert_problem(client.api.as_key(key).get("/v1/clients"), 404)
    assert client.api.get(client.url).status == 200, "the first key still works"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--role", "client"),
        ("--role", "admin"),
        ("--role", "client", "--client", "nobody"),
        ("--role", "client", "--client", ""),
    ],
)
def test_create_api_key_refuses_what_makes_no_sense(manage, database, arguments):
    before = database.snapshot()

    run = manage("create_api_key", *arguments)

    assert run.exit_code != 0
    assert run.stdout == ""
    assert run.stderr.strip()
    assert "Traceback" not in run.stderr
    assert database.snapshot() == before


def test_create_api_key_makes_no_key_of_a_deleted_client(manage, create_client, api):
    client = create_client()
    api.delete(client.url)

    run = manage("create_api_key", "--role", "client", "--client", client.slug)

    assert run.exit_code != 0
    assert run.stdout == ""


# revoke_api_key


@pytest.mark.parametrize("length", [12, None], ids=["a beginning", "the whole key"])
def test_revoke_api_key_ends_the_one_key(manage, api, create_client, length):
    client = create_client()
    key = create_key(manage, "--role", "operator")

    manage.ok("revoke_api_key", key[:length])

    assert_problem(api.as_key(key).get("/v1/clients"), 401)
    assert api.get("/v1/clients").status == 200
    assert client.api.get(client.url).status == 200


def test_revoke_api_key_says_when_no_key_begins_so(manage, database):
    before = database.snapshot()

    run = manage("revoke_api_key", "whk_nobodyhasit")

    assert run.exit_code != 0
    assert run.stderr.strip() and "Traceback" not in run.stderr
    assert database.snapshot() == before


def test_revoke_api_key_never_revokes_two_keys_at_once(manage, api):
    first, second = keys = [create_key(manage, "--role", "operator") for _ in range(2)]
    shared = next(first[:length] for length in range(len(first), -1, -1) if second.startswith(first[:length]))

    run = manage("revoke_api_key", shared)

    assert run.exit_code != 0
    assert [api.as_key(key).get("/v1/clients").status for key in keys] == [200, 200]


def test_revoke_api_key_wants_a_beginning_that_one_key_alone_has(manage, api, database):
    first, second = (create_key(manage, "--role", "operator") for _ in range(2))
    kept = next(
        row["prefix"] for row in database.rows("SELECT prefix FROM clients_apikey") if second.startswith(row["prefix"])
    )
    alike = first[:10] + kept[10:]
    database.execute("UPDATE clients_apikey SET prefix = ? WHERE prefix = ?", alike, kept)

    run = manage("revoke_api_key", first[:10])

    assert run.exit_code != 0
    assert [api.as_key(key).get("/v1/clients").status for key in (first, second)] == [200, 200]


def test_revoke_api_key_does_not_take_its_prefix_for_a_pattern(manage, api):
    key = create_key(manage, "--role", "operator")

    for pattern in ("%", "_" * 12, ".*", key[:4] + "%", ""):
        assert manage("revoke_api_key", pattern).exit_code != 0

    assert api.as_key(key).get("/v1/clients").status == 200


def test_revoke_api_key_compares_letters_exactly(manage, api):
    key = create_key(manage, "--role", "operator")

    run = manage("revoke_api_key", key[:12].swapcase())

    assert run.exit_code != 0
    assert api.as_key(key).get("/v1/clients").status == 200


# Deletion


def test_deleting_a_client_revokes_its_keys(create_client, manage, api):
    client = create_client()
    second = create_key(manage, "--role", "client", "--client", client.slug)

    assert api.delete(client.url).status == 204

    for key in (client.api_key, second):
        assert_problem(api.as_key(key).get(client.url), 401)
        assert_problem(api.as_key(key).get("/v1/deliveries"), 401)
    assert api.get("/v1/clients").status == 200
