"""A client's members: what a slug, a name, an endpoint URL, the event types and a format may be."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.http import Api
from harness.problems import assert_problem

# Slug


@pytest.mark.parametrize("slug", ["a", "0", "acme", "a-b", "a--", "0-0", "a" * 63])
def test_a_slug_of_small_letters_digits_and_hyphens(api, create_client, slug):
    client = create_client(slug=slug, path="/x")

    assert api.get(f"/v1/clients/{slug}").json()["slug"] == client.slug == slug


@pytest.mark.parametrize(
    "slug",
    [
        *("", "-", "-a", "A", "aB", "a_b", "a.b", "a/b", "a b", " a", "a ", "a\n", "\na", "é", "а", "١", "a" * 64),
        *(None, 5, True, ["a"], {"a": 1}),
    ],
)
def test_any_other_slug_is_refused(api, client_document, slug):
    assert_problem(api.post("/v1/clients", {**client_document(), "slug": slug}), 422, {"/slug"})


def test_a_slug_that_exists_is_a_conflict(api, create_client, client_document, database):
    client = create_client()
    before = database.snapshot()

    response = api.post("/v1/clients", client_document(slug=client.slug, name="Someone else"))

    assert_problem(response, 409)
    assert database.snapshot() == before


def test_the_slug_of_a_deleted_client_is_never_reused(api, create_client, client_document):
    client = create_client()
    api.delete(client.url)

    response = api.post("/v1/clients", client_document(slug=client.slug))

    assert_problem(response, 409)


def test_one_of_many_at_once_gets_the_slug(api, client_document):
    document = client_document()

    with ThreadPoolExecutor(10) as many:
        answers = list(many.map(lambda _: api.post("/v1/clients", document), range(10)))

    assert sorted(answer.status for answer in answers) == [201] + [409] * 9
    assert len(api.get("/v1/clients").json()["results"]) == 1


# Name


@pytest.mark.parametrize("name", ["A", " A ", "x" * 140, "\N{GRINNING FACE}" * 140, 'Zoë & "Söhne" <b>', "e\u0301"])
def test_a_name_has_up_to_140_characters_of_any_script(create_client, name):
    assert create_client(name=name).created["name"] == name


@pytest.mark.parametrize("name", ["x" * 141, "\N{GRINNING FACE}" * 141, None, 5, True, ["A"], {}])
def test_a_name_that_is_too_long_or_no_text_is_refused(api, client_document, name):
    assert_problem(api.post("/v1/clients", client_document(name=name)), 422, {"/name"})


# Endpoint URL


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/",
        "https://example.com:8443/hooks?token=a%20b&x=1",
        "https://192.0.2.1/hooks",
        "https://[2001:db8::1]:8443/hooks",
        "http://example.com/where-http-is-allowed",
        "https://xn--bcher-kva.example/",
        "https://bücher.example/",
        "https://straße.example/",
        "https://BÜCHER.example./",
        "https://foo_bar.example/",
        "https://2130706433/",
        "https://" + "a" * 63 + ".example/",
        "https://example.com/" + "a" * (2048 - 20),
    ],
)
def test_an_endpoint_url_is_kept_as_it_is(create_client, url):
    assert create_client(endpoint_url=url).created["endpoint_url"] == url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//example.com/",
        "example.com/hooks",
        "/hooks",
        "",
        "https",
        "https:",
        "https://",
        "https:///hooks",
        "https://:443/hooks",
        "https://?x",
        "https://#x",
        "https:example.com",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://:secret@example.com/",
        "https://example.com\\@evil.example/",
        "https://[::1",
        "https://[not-an-address]/",
        "https://exa mple.com/",
        "https://example.com/\n",
        "https://example.com/\r\nX-Injected: 1",
        " https://example.com/",
        "https://example.com/" + "a" * (2049 - 20),
        "https://☃.example/",
        "https://foo_bär.example/",
        "https://①.example/",
        "https://a\u200db.example/",
        "https://bücher。example/",
        "https://exa%20mple.example/",
        "https://exa!mple.example/",
        "https://a..example/",
        "https://.example/",
        "https://" + "a" * 64 + ".example/",
        "https://" + ".".join(["a" * 63] * 4) + "/",
        "https://example.com:0/",
        "https://example.com:65536/",
        *(None, 5, True, ["https://example.com/"], {}),
    ],
)
def test_any_other_endpoint_url_is_refused(api, client_document, create_client, url):
    client = create_client()

    assert_problem(api.post("/v1/clients", client_document(endpoint_url=url)), 422, {"/endpoint_url"})
    assert_problem(api.patch(client.url, {"endpoint_url": url}), 422, {"/endpoint_url"})


@pytest.mark.parametrize("allow", [None, "0"])
def test_http_needs_to_be_allowed(api, client_document, manage, allow):
    server = manage.serve(env={"WEBHOOKS_ALLOW_HTTP": allow})
    strict = Api(server.port, api.key, server.log)

    refused = strict.post("/v1/clients", client_document(endpoint_url="http://example.com/"))
    taken = strict.post("/v1/clients", client_document(endpoint_url="https://example.com/"))

    assert_problem(refused, 422, {"/endpoint_url"})
    assert taken.status == 201


# Event types


@pytest.mark.parametrize(
    "event_types",
    [
        ["*"],
        ["payment.*"],
        ["payout.paid"],
        ["payment.authorized", "payment.captured", "payment.failed", "payment.refunded", "payout.paid"],
        ["payment.*", "payout.paid"],
        ["*", "payment.captured"],
    ],
)
def test_event_types_are_kept_as_they_are(create_client, event_types):
    assert create_client(event_types=event_types).created["event_types"] == event_types


@pytest.mark.parametrize(
    "entry",
    [
        *("payment.settled", "payout.*", "payment", "payment.", "payment.**", "payment.cap*", "**", ".*", "payment.?"),
        *("*.captured", "PAYMENT.CAPTURED", "payment.captured ", "payment.captured\n", "^payment", "(a+)+$", ""),
        *(None, 5, True, ["*"], {"*": 1}),
    ],
)
def test_any_other_event_type_is_refused(api, client_document, entry):
    document = client_document(event_types=["payment.captured", entry])

    assert_problem(api.post("/v1/clients", document), 422, {"/event_types/1"})


def test_every_bad_event_type_is_named(api, client_document):
    document = client_document(event_types=["nothing", "*", "never", 5])

    expected = {"/event_types/0", "/event_types/2", "/event_types/3"}
    assert_problem(api.post("/v1/clients", document), 422, expected)


def test_an_event_type_that_is_there_already_is_refused(api, client_document, create_client):
    repeated = ["payment.*", "*", "payment.*", "never", "never", "*"]
    expected = {f"/event_types/{index}" for index in (2, 3, 4, 5)}

    assert_problem(api.post("/v1/clients", client_document(event_types=repeated)), 422, expected)
    assert_problem(api.patch(create_client().url, {"event_types": repeated}), 422, expected)


@pytest.mark.parametrize("entry", ["*", "never", 5, None])
def test_of_thousands_of_bad_event_types_a_hundred_are_named(create_client, entry):
    client = create_client()

    refused = client.api.patch(client.url, {"event_types": [entry] * 20_000})

    errors = refused.json()["errors"]
    assert (refused.status, len(errors)) == (422, 100)
    first = int(entry == "*")
    assert [error["pointer"] for error in errors] == [f"/event_types/{first + index}" for index in range(100)]


def test_of_thousands_of_unknown_members_a_hundred_are_named(api, client_document):
    unknown = {f"unknown-{index:04}": None for index in range(5000)}

    refused = api.post("/v1/clients", client_document(**unknown))

    assert refused.status == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"/unknown-{index:04}" for index in range(100)]


@pytest.mark.parametrize("event_types", ["*", "payment.captured", None, 5, {"*": True}, True])
def test_event_types_are_a_list(api, client_document, event_types):
    document = client_document(event_types=event_types)

    assert_problem(api.post("/v1/clients", document), 422, {"/event_types"})


@pytest.mark.parametrize(
    "event_types, takes_payment, takes_payout",
    [
        (["*"], True, True),
        (["payment.*"], True, False),
        (["payment.captured"], True, False),
        (["payment.failed"], False, False),
        (["payout.paid"], False, True),
    ],
)
def test_a_client_gets_the_types_it_chose(create_client, accepted, api, event_types, takes_payment, takes_payout):
    create_client(event_types=event_types)

    for event_id, taken in (
        (accepted(), takes_payment),
        (accepted(type="payout.paid"), takes_payout),
    ):
        assert len(api.get(f"/v1/deliveries?event={event_id}").json()["results"]) == int(taken)


# Format


@pytest.mark.parametrize(
    "format, pointer",
    [
        ({"name": "std_yaml", "version": 1}, "/format/name"),
        ({"name": "STD_JSON", "version": 1}, "/format/name"),
        ({"name": "std_json@1", "version": 1}, "/format/name"),
        ({"name": None, "version": 1}, "/format/name"),
        ({"name": 5, "version": 1}, "/format/name"),
        ({"name": ["std_json"], "version": 1}, "/format/name"),
        ({"name": "std_json", "version": 2}, "/format/version"),
        ({"name": "std_json", "version": 0}, "/format/version"),
        ({"name": "flat_camel", "version": 3}, "/format/version"),
        ({"name": "std_json", "version": "1"}, "/format/version"),
        ({"name": "std_json", "version": True}, "/format/version"),
        ({"name": "std_json", "version": 1.5}, "/format/version"),
        ({"name": "std_json", "version": None}, "/format/version"),
        ({"name": "std_json", "version": [1]}, "/format/version"),
        ("std_json", "/format"),
        (None, "/format"),
        ([], "/format"),
        (5, "/format"),
    ],
)
def test_a_format_that_does_not_exist_is_refused(api, client_document, create_client, format, pointer):
    client = create_client()

    assert_problem(api.post("/v1/clients", client_document(format=format)), 422, {pointer})
    assert_problem(api.patch(client.url, {"format": format}), 422, {pointer})


def test_patching_a_format_replaces_it_whole(create_client, api):
    client = create_client(format="std_json", options={"null_policy": "omit", "mask": ["customer.name"]})

    response = api.patch(client.url, {"format": {"name": "std_json", "version": 1}})

    assert response.json()["format"] == {"name": "std_json", "version": 1, "options": {}}


@pytest.mark.parametrize("member", ["name", "version"])
def test_a_patched_format_needs_its_name_and_version_again(create_client, api, member):
    client = create_client()
    format = {"name": "csv", "version": 1}
    del format[member]

    assert_problem(api.patch(client.url, {"format": format}), 422, {f"/format/{member}"})
    assert api.get(client.url).json()["format"]["name"] == "std_json"
