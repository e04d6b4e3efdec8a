"""Errors: the problem document, the order of the checks, methods; and that Accept is ignored."""

import json

import pytest

from harness.examples import ABSENT, event
from harness.problems import assert_problem

LIMIT = 256 * 1024
TOO_LARGE = b'{"name": "' + b"x" * LIMIT + b'"}'
NOT_JSON = b'{"name": '
KEY = {"Idempotency-Key": "a-key"}
RECOVER = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
NO_DELIVERY = "dlv_01ARZ3NDEKTSV4RRFFQ69G5FAV"
NO_EVENT = "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture
def acme(create_client):
    return create_client(slug="acme")


# The document


@pytest.mark.parametrize(
    "method, target, status",
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1", 404),
        ("GET", "/v1/", 404),
        ("GET", "/v1/clients/", 404),
        ("POST", "/v1/events/", 404),
        ("GET", "/v1/clients/nobody", 404),
        ("GET", "/v1/clients/nobody/secret", 404),
        ("GET", f"/v1/events/{NO_EVENT}", 404),
        ("GET", f"/v1/deliveries/{NO_DELIVERY}", 404),
        ("POST", f"/v1/deliveries/{NO_DELIVERY}/retry", 404),
        ("GET", "/v2/clients", 404),
        ("GET", "/nothing", 404),
        ("PUT", "/v1/clients", 405),
        ("DELETE", "/v1/events", 405),
        ("POST", "/v1/formats", 405),
    ],
)
def test_every_refusal_is_a_problem_document(api, method, target, status):
    assert_problem(api.request(method, target), status)


def test_every_bad_field_is_named_once_and_together(api, client_document):
    document = client_document(slug="UPPER", name=5, event_types=["payment.*", "nothing"], color="red")
    del document["endpoint_url"]

    response = api.post("/v1/clients", document)

    expected = {"/slug", "/name", "/endpoint_url", "/event_types/1", "/color"}
    assert_problem(response, 422, expected)


def test_pointers_reach_into_the_event(api):
    body = event(data__customer__name="", data__amount=5, data__failure={"code": "x", "why": "y"})

    response = api.post("/v1/events", body, headers=KEY)

    expected = {"/data/customer/name", "/data/amount", "/data/failure/message", "/data/failure/why"}
    assert_problem(response, 422, expected)


@pytest.mark.parametrize(
    "name, token",
    [("a/b", "a~1b"), ("a~b", "a~0b"), ("~1", "~01"), ("", ""), ("é", "é"), ('"', '"'), ("a b", "a b"), ("%41", "%41")],
)
def test_a_pointer_escapes_as_rfc_6901_says(api, name, token):
    response = api.post("/v1/events", {**event(), name: 1}, headers=KEY)

    assert_problem(response, 422, {f"/{token}"})


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"5", b"true", b"[{}]"])
def test_a_body_that_is_no_object_is_422_at_the_top(api, acme, body):
    for target in ("/v1/events", "/v1/clients", acme.url + "/recover", acme.url + "/preview"):
        assert_problem(api.post(target, body=body, headers=KEY), 422, {""})
    assert_problem(api.patch(acme.url, body=body), 422, {""})


def test_a_bad_header_is_named_in_the_detail(api):
    assert_problem(api.post("/v1/events", event()), 400, {""}, naming="Idempotency-Key")


@pytest.mark.parametrize("name", ["limit", "cursor", "status"])
def test_a_bad_query_is_named_in_the_detail(api, name):
    assert_problem(api.get(f"/v1/deliveries?{name}=!"), 422, {""}, naming=name)


# The order of the checks. Each request breaks two rules; the earlier one answers.

ANYONE, OPERATOR, CLIENT = "nobody", "an operator", "a client"


@pytest.mark.parametrize(
    "who, method, target, body, more, status",
    [
        # 401 before everything
        (ANYONE, "GET", "/v1/nothing", None, {}, 401),
        (ANYONE, "PUT", "/v1/clients", None, {}, 401),
        (ANYONE, "POST", "/v1/clients", TOO_LARGE, {}, 401),
        (ANYONE, "POST", "/v1/clients", b"x", {"content_type": "text/plain"}, 401),
        (ANYONE, "POST", "/v1/clients", NOT_JSON, {}, 401),
        (ANYONE, "POST", "/v1/events", b"{}", {}, 401),
        (ANYONE, "GET", "/v1/clients/nobody", None, {}, 401),
        (ANYONE, "POST", "/v1/clients", b"{}", {}, 401),
        (ANYONE, "GET", "/v1/deliveries?limit=x", None, {}, 401),
        # 404, no such route or not for this role, before the rest
        (OPERATOR, "POST", "/v1/nothing", TOO_LARGE, {}, 404),
        (OPERATOR, "POST", "/v1/nothing", b"x", {"content_type": "text/plain"}, 404),
        (OPERATOR, "POST", "/v1/nothing", NOT_JSON, {}, 404),
        (CLIENT, "PUT", "/v1/clients", None, {}, 404),
        (CLIENT, "DELETE", "/v1/events", None, {}, 404),
        (CLIENT, "POST", "/v1/clients", TOO_LARGE, {}, 404),
        (CLIENT, "POST", "/v1/clients", b"x", {"content_type": "text/plain"}, 404),
        (CLIENT, "POST", "/v1/events", NOT_JSON, {}, 404),
        (CLIENT, "POST", "/v1/events", b"{}", {}, 404),
        (CLIENT, "POST", "/v1/clients", b"{}", {}, 404),
        (CLIENT, "GET", "/v1/events?limit=x", None, {}, 404),
        # 405
        (OPERATOR, "PUT", "/v1/clients", TOO_LARGE, {}, 405),
        (OPERATOR, "PUT", "/v1/clients", b"x", {"content_type": "text/plain"}, 405),
        (OPERATOR, "PUT", "/v1/clients", NOT_JSON, {}, 405),
        (OPERATOR, "PUT", "/v1/events", event(), {}, 405),
        (OPERATOR, "PUT", "/v1/clients/nobody", None, {}, 405),
        (OPERATOR, "DELETE", "/v1/deliveries?status=x", None, {}, 405),
        (CLIENT, "PUT", "/v1/clients/acme", None, {}, 405),
        # 413
        (OPERATOR, "POST", "/v1/clients", TOO_LARGE, {"content_type": "text/plain"}, 413),
        (OPERATOR, "POST", "/v1/clients", NOT_JSON + b" " * LIMIT, {}, 413),
        (OPERATOR, "POST", "/v1/events", TOO_LARGE, {}, 413),
        (OPERATOR, "PATCH", "/v1/clients/nobody", TOO_LARGE, {}, 413),
        (OPERATOR, "POST", "/v1/clients/nobody/preview", TOO_LARGE, {}, 413),
        (OPERATOR, "POST", "/v1/clients", TOO_LARGE, {}, 413),
        (CLIENT, "PATCH", "/v1/clients/other", TOO_LARGE, {}, 413),
        # 415
        (OPERATOR, "POST", "/v1/clients", NOT_JSON, {"content_type": "text/plain"}, 415),
        (OPERATOR, "POST", "/v1/events", event(), {"content_type": "text/plain"}, 415),
        (OPERATOR, "PATCH", "/v1/clients/nobody", b"{}", {"content_type": "text/plain"}, 415),
        (OPERATOR, "POST", "/v1/clients", b"{}", {"content_type": "text/plain"}, 415),
        (OPERATOR, "POST", "/v1/clients/acme/recover", b"{}", {"content_type": None}, 415),
        # 400
        (OPERATOR, "PATCH", "/v1/clients/nobody", NOT_JSON, {}, 400),
        (OPERATOR, "POST", "/v1/clients/nobody/recover", NOT_JSON, {}, 400),
        (OPERATOR, "POST", "/v1/clients/nobody/preview", NOT_JSON, {}, 400),
        (OPERATOR, "POST", "/v1/events", b"{}", {}, 400),
        (OPERATOR, "POST", "/v1/clients", b'{"color": ' + b"[" * 33 + b"]" * 33 + b"}", {}, 400),
        (CLIENT, "PATCH", "/v1/clients/other", NOT_JSON, {}, 400),
        # 404, no such object
        (OPERATOR, "PATCH", "/v1/clients/nobody", b'{"name": 5}', {}, 404),
        (OPERATOR, "POST", "/v1/clients/nobody/preview", b"{}", {}, 404),
        (OPERATOR, "POST", "/v1/clients/nobody/recover", b"{}", {}, 404),
        (OPERATOR, "POST", "/v1/clients/nobody/rotate-secret", b'{"overlap_seconds": -1}', {}, 404),
        (CLIENT, "PATCH", "/v1/clients/other", b'{"status": 5}', {}, 404),
        # 422 before 409
        (OPERATOR, "POST", "/v1/clients", b'{"slug": "acme"}', {}, 422),
        (OPERATOR, "POST", "/v1/clients/disabled/recover", b'{"since": "x"}', {}, 422),
    ],
)
def test_the_first_broken_rule_answers(api, acme, create_client, database, who, method, target, body, more, status):
    create_client(slug="other")
    api.patch(create_client(slug="disabled").url, {"status": "disabled"})
    caller = {ANYONE: api.anonymous(), OPERATOR: api, CLIENT: acme.api}[who]
    before = database.snapshot()
    if isinstance(body, dict):
        body = json.dumps(body).encode()

    response = caller.request(method, target, body=body, **more)

    assert_problem(response, status)
    assert database.snapshot() == before, "a refused request changed something"


@pytest.mark.parametrize("target, body", [("/v1/clients", None), ("/v1/clients/disabled/recover", RECOVER)])
def test_conflicts_come_last(api, create_client, client_document, database, target, body):
    disabled = create_client(slug="disabled")
    api.patch(disabled.url, {"status": "disabled"})
    before = database.snapshot()

    response = api.post(target, body or client_document(slug="disabled"))

    assert_problem(response, 409)
    assert database.snapshot() == before


# 405


@pytest.mark.parametrize(
    "target, allowed",
    [
        ("/v1/clients", {"GET", "POST"}),
        ("/v1/clients/acme", {"GET", "PATCH", "DELETE"}),
        ("/v1/clients/acme/rotate-secret", {"POST"}),
        ("/v1/clients/acme/preview", {"POST"}),
        ("/v1/clients/acme/test", {"POST"}),
        ("/v1/clients/acme/recover", {"POST"}),
        ("/v1/events", {"GET", "POST"}),
        (f"/v1/events/{NO_EVENT}", {"GET"}),
        ("/v1/deliveries", {"GET"}),
        (f"/v1/deliveries/{NO_DELIVERY}", {"GET"}),
        (f"/v1/deliveries/{NO_DELIVERY}/retry", {"POST"}),
        ("/v1/formats", {"GET"}),
    ],
)
def test_a_route_answers_its_own_methods_only(api, acme, database, target, allowed):
    before = database.snapshot()
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
        assert_problem(api.request(method, target), 405)
    for method in ("TRACE", "CONNECT", "BREW"):
        assert api.request(method, target).status in (400, 405)
    assert database.snapshot() == before


def test_head_is_get_without_the_body_or_refused(api, acme):
    for target in ("/v1/clients", acme.url, "/v1/formats", "/healthz"):
        response = api.request("HEAD", target)
        assert response.status in (200, 405)
        assert response.body == b""


def test_options_shows_nothing_and_changes_nothing(api, acme, database):
    before = database.snapshot()
    for target in ("/v1/clients", acme.url, "/v1/events", "/v1/nothing"):
        response = api.request("OPTIONS", target)
        assert response.status in (200, 204, 404, 405)
        assert b"acme" not in response.body
    assert database.snapshot() == before


def test_a_method_cannot_be_overridden(api, acme):
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        api.post(acme.url + "/test", {}, headers={name: "DELETE"})
        api.get(f"{acme.url}?_method=DELETE", headers={name: "DELETE"})

    assert api.get(acme.url).status == 200


# Accept


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "text/csv, */*;q=0.1", "", "nonsense", "*/*", "é"])
def test_accept_is_ignored(api, acme, accept):
    headers = {"Accept": accept}

    for target in ("/v1/clients", acme.url, "/v1/formats", "/v1/openapi.json"):
        response = api.get(target, headers=headers)
        assert response.status == 200
        assert "json" in response.content_type
        response.json()
    assert_problem(api.get("/v1/clients/nobody", headers=headers), 404)
    assert_problem(api.anonymous().get("/v1/clients", headers=headers), 401)
    assert_problem(api.post("/v1/events", event(type=ABSENT), headers={**KEY, **headers}), 422, {"/type"})


@pytest.mark.parametrize("query", ["format=api", "format=xml", "format=json", "_format=xml", "_accept=text/html"])
def test_no_query_chooses_a_media_type(api, acme, query):
    response = api.get(f"/v1/clients?{query}")

    assert response.status == 200
    assert response.content_type.startswith("application/json")
