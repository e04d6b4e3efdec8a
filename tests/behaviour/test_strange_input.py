"""Inputs that break servers: huge numbers, U+0000, lone surrogates, any kind of value, strange paths and headers."""

import json

import pytest

from harness.examples import event
from harness.problems import assert_problem

KEY = {"Idempotency-Key": "a-key"}


@pytest.fixture
def acme(create_client):
    return create_client(slug="acme")


@pytest.mark.parametrize(
    "number",
    [b"1e400", b"-1e400", b"1e-400", b"9" * 5000, b"-" + b"9" * 5000, b"0." + b"1" * 5000, b"1e999999999"],
)
def test_a_huge_number_is_a_bad_field(api, number):
    body = json.dumps(event(data__amount="@")).encode().replace(b'"@"', number)

    assert_problem(api.post("/v1/events", body=body, headers=KEY), 422, {"/data/amount"})


@pytest.mark.parametrize("number", [b"1e400", b"9" * 5000, b"1.5", b"-1"])
def test_a_number_that_does_not_fit_is_a_bad_field(api, acme, client_document, number):
    rotation = b'{"overlap_seconds": ' + number + b"}"
    document = client_document(format={"name": "std_json", "version": "@"})
    creation = json.dumps(document).encode().replace(b'"@"', number)

    assert_problem(api.post(acme.url + "/rotate-secret", body=rotation), 422, {"/overlap_seconds"})
    assert_problem(api.post("/v1/clients", body=creation), 422, {"/format/version"})


@pytest.mark.parametrize(
    "pointer",
    [
        "/type",
        "/occurred_at",
        "/data/payment_id",
        "/data/amount",
        "/data/currency",
        "/data/status",
        "/data/customer/id",
        "/data/customer/name",
        "/data/customer/email",
        "/data/customer/iban",
        "/data/reference",
    ],
)
def test_nul_and_lone_surrogates_in_an_event_are_bad_fields(api, acme, pointer):
    for text in ("\0", "a\0b", "\ud800", "\udfff\ud800", "a\udc00"):
        body = event({pointer: text})
        assert_problem(api.post("/v1/events", body, headers=KEY), 422, {pointer})
        assert_problem(api.post(acme.url + "/preview", body), 422, {pointer})


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x\udc00"])
def test_nul_and_lone_surrogates_in_a_client_are_bad_fields(api, acme, client_document, text):
    for name in ("slug", "name", "endpoint_url"):
        response = api.post("/v1/clients", {**client_document(), name: text})
        assert_problem(response, 422, {f"/{name}"})
    for name in ("name", "endpoint_url", "status"):
        assert_problem(api.patch(acme.url, {name: text}), 422, {f"/{name}"})
    assert_problem(api.patch(acme.url, {"event_types": [text]}), 422, {"/event_types/0"})


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x\udc00", "x" * 10_000])
def test_strange_member_names_are_unknown_members(api, acme, client_document, text):
    requests = [
        ("POST", "/v1/events", {**event(), text: 1}),
        ("POST", "/v1/events", event(data__customer={**event()["data"]["customer"], text: 1})),
        ("POST", "/v1/clients", client_document(**{text: 1})),
        ("PATCH", acme.url, {text: 1}),
        ("PATCH", acme.url, {"format": {"name": "std_json", "version": 1, "options": {text: 1}}}),
        ("POST", acme.url + "/rotate-secret", {text: 1}),
    ]
    for method, target, body in requests:
        problem = assert_problem(api.request(method, target, json=body, headers=KEY), 422)
        assert len(problem["errors"]) == 1


@pytest.mark.parametrize(
    "segment",
    [
        b"%00",
        b"a%00b",
        b"%ff",
        b"%ED%A0%80",
        b"\xff",
        "zoë".encode(),
        b"%C3%A9",
        b"..",
        b"%2e%2e",
        b"..%2f..%2fhealthz",
        b"%2F",
        b"%",
        b"%zz",
        b"%0a",
        b"a%0A",
        b"acme%0A",
        b"acme%00",
        b"acme%20",
        b"ACME",
        b"'",
        b"%25",
        b"*",
        b"a" * 4000,
        b"-1",
        b"9" * 100,
    ],
)
def test_strange_paths_lead_nowhere(api, acme, segment):
    for target in (
        b"/v1/clients/" + segment,
        b"/v1/events/" + segment,
        b"/v1/deliveries/" + segment,
        b"/v1/deliveries/" + segment + b"/retry",
        b"/v1/" + segment,
    ):
        method = "POST" if target.endswith(b"/retry") else "GET"
        assert_problem(api.request(method, target), 404)


STRANGE = [b"%00", b"a%00", b"%ff", b"%ED%A0%80", b"\xff", b"%C3%A9", b"'", b"%25", b"x" * 4000, b"9" * 400]


@pytest.mark.parametrize("value", STRANGE)
def test_strange_filters_find_nothing(api, acme, accepted, value):
    accepted()

    for name in (b"client", b"event"):
        response = api.get(b"/v1/deliveries?" + name + b"=" + value)
        assert response.status == 200
        assert response.json()["results"] == []


@pytest.mark.parametrize("value", STRANGE)
def test_strange_cursors_limits_and_statuses_are_422(api, acme, value):
    for name in (b"cursor", b"limit", b"status"):
        response = api.get(b"/v1/deliveries?" + name + b"=" + value)
        assert_problem(response, 422, {""}, naming=name.decode())


@pytest.mark.parametrize("query", [b"%00=1", b"=", b"&&&", b"?", b"%ff=%ff", b"a", b"\xff=1", b"x[]=1", b";"])
def test_strange_query_names_are_ignored(api, acme, query):
    for target in (b"/v1/clients", b"/v1/events", b"/v1/deliveries", b"/v1/clients/acme", b"/v1/formats"):
        assert api.get(target + b"?" + query).status == 200


def test_a_strange_type_filter_is_no_crash(api, accepted):
    accepted()

    for value in STRANGE:
        assert api.get(b"/v1/events?type=" + value).status in (200, 422)


def test_a_strange_client_in_an_events_query_is_no_crash(api, accepted):
    event_id = accepted()

    for value in STRANGE:
        response = api.get(f"/v1/events/{event_id}?client=".encode() + value)
        assert response.status == 404


@pytest.mark.parametrize("value", [[], {}, [[]], [{}], None, True, 0, 1.5, "", "x" * 100_000])
def test_values_of_any_kind_in_any_place_are_bad_fields(api, acme, value):
    """Lists and objects break code that looks a value up in a set; long text breaks regular expressions."""
    for name in ("name", "endpoint_url", "event_types", "status", "format"):
        if (name, value) in (("name", ""), ("event_types", [])):
            continue  # whether these are good is not this test's business
        problem = assert_problem(api.patch(acme.url, {name: value}), 422)
        assert {error["pointer"].split("/")[1] for error in problem["errors"]} == {name}
    for name in ("name", "version", "options"):
        format = {"name": "std_json", "version": 1, "options": {}, name: value}
        if value != {}:
            assert_problem(api.patch(acme.url, {"format": format}), 422, {f"/format/{name}"})


@pytest.mark.parametrize(
    "pointer",
    [
        "/type",
        "/occurred_at",
        "/data",
        "/data/customer",
        "/data/currency",
        "/data/amount",
        "/data/reference",
        "/data/failure",
    ],
)
def test_event_members_of_any_kind_are_bad_fields(api, pointer):
    for value in ([], {}, [[]], [{}], True, 0, 1.5, "x" * 100_000):
        response = api.post("/v1/events", event({pointer: value}), headers=KEY)
        problem = assert_problem(response, 422)
        assert all(error["pointer"].startswith(pointer) for error in problem["errors"])


def test_a_member_named_twice_is_no_crash(api):
    body = json.dumps(event()).encode().replace(b'"type"', b'"type": "payout.paid", "type"', 1)

    assert api.post("/v1/events", body=body, headers=KEY).status in (202, 400, 422)


def test_strange_headers_are_no_crash(api, acme):
    strange = [
        ("Cookie", b"\xff\xfe=\x01; sessionid=x"),
        ("Accept-Language", b"\xff"),
        ("X-Forwarded-Host", "evil.test"),
        ("X-Forwarded-Proto", "\t"),
        ("Accept-Encoding", "gzip, \xff"),
        ("If-None-Match", '"x"'),
        ("If-Modified-Since", "never"),
        ("Range", "bytes=5-1"),
        ("Expect", ""),
    ]
    for header in strange:
        assert api.get("/v1/clients", headers=[header]).status == 200


@pytest.mark.parametrize(
    "parameter", ["charset=hex", "charset=utf-7", "charset*=nonsense''x", "charset=\xff", "x*=''%ff"]
)
def test_no_content_type_chooses_how_a_query_is_read(api, acme, parameter):
    headers = {"Content-Type": f"application/json; {parameter}"}

    for target in ("/v1/clients/acme?x=%ff", "/v1/deliveries?client=%61cme", "/healthz?x=%ff", "/docs/?x=%ff"):
        assert api.get(target, headers=headers).status == 200
    assert api.get("/v1/clients?" + "&".join(["x=%ff"] * 2000), headers=headers).status in (200, 400)


PAGES = (
    "/docs/",
    "/docs/?script",
    "/static/admin/css/base.css",
    "/static/nothing",
    "/admin/",
    "/admin/login/",
    "/healthz",
    "/nothing",
)


@pytest.mark.parametrize("value", [*STRANGE, b"%0a", b"[", b"%5Bx", b"=&=;", b"%F0%9F%92%A9", b"%u0000"])
def test_strange_queries_and_paths_break_no_page(api, value):
    for page in map(str.encode, PAGES):
        for target in (page.partition(b"?")[0] + value, page + b"?x=" + value, page + b"?" + value + b"&lang=" + value):
            assert api.anonymous().get(target).status < 500


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages"])
@pytest.mark.parametrize(
    "value", [rb'"abcdefgh\000ijkl"', b"\xff\xfe", rb'"\377\001"', b'"', b"a" * 8000, b"=", rb'"\012"']
)
def test_strange_cookies_break_no_page(api, name, value):
    """A cookie reaches the code behind a page, for example the table of sessions."""
    for page in PAGES:
        for header in (name.encode() + b"=" + value, name.encode() + b"=" + value + b"; " + value):
            assert api.anonymous().get(page, headers=[("Cookie", header)]).status < 500


@pytest.mark.parametrize("field", ["username", "password", "next", "csrfmiddlewaretoken", "\0"])
def test_strange_forms_break_no_page(api, field):
    token = "a" * 32
    for value in STRANGE:
        body = b"csrfmiddlewaretoken=" + token.encode() + b"&" + field.encode() + b"=" + value
        for content_type in ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=hex"):
            headers = {"Cookie": f"csrftoken={token}"}
            answer = api.anonymous().post("/admin/login/", body=body, headers=headers, content_type=content_type)
            assert answer.status < 500


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: -1",
        b"Content-Length: many",
        b"Content-Length: ",
        b"Content-Length: 0x10",
        b"Content-Length: 2\r\nContent-Length: 20",
        b"Transfer-Encoding: chunked",
    ],
)
def test_a_strange_length_is_refused(api, database, lines):
    before = database.snapshot()
    head = (
        b"POST /v1/clients HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer " + api.key.encode()
    )

    response = api.raw(head + b"\r\n" + lines + b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n")

    assert 400 <= response.status < 500
    assert database.snapshot() == before
