import re
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from webhooks.examples import example_event


@pytest.fixture
def document(client, db):
    return client.get("/v1/openapi.json").json()


CALLS = {
    "/v1/clients": {"get", "post"},
    "/v1/clients/{slug}": {"get", "patch", "delete"},
    "/v1/clients/{slug}/rotate-secret": {"post"},
    "/v1/clients/{slug}/preview": {"post"},
    "/v1/clients/{slug}/test": {"post"},
    "/v1/clients/{slug}/recover": {"post"},
    "/v1/events": {"get", "post"},
    "/v1/events/{public_id}": {"get"},
    "/v1/deliveries": {"get"},
    "/v1/deliveries/{public_id}": {"get"},
    "/v1/deliveries/{public_id}/retry": {"post"},
    "/v1/formats": {"get"},
}


def test_the_document_describes_every_call(document):
    assert document["openapi"] == "3.1.0"
    assert {path: set(calls) for path, calls in document["paths"].items()} == CALLS


def test_every_call_needs_a_key_and_says_which_problems_it_has(document):
    assert document["components"]["securitySchemes"]["apiKey"] == {"type": "http", "scheme": "bearer"}
    for path, calls in CALLS.items():
        for method in calls:
            operation = document["paths"][path][method]
            assert operation["security"] == [{"apiKey": []}]
            assert operation["description"]
            content = operation["responses"]["401"]["content"]
            assert list(content) == ["application/problem+json"]
            assert ("415" in operation["responses"]) == (method in ("post", "patch"))


def test_every_reference_leads_somewhere(document):
    def references(part):
        if isinstance(part, dict):
            yield from [part["$ref"]] if "$ref" in part else []
            part = list(part.values())
        if isinstance(part, list):
            for inner in part:
                yield from references(inner)

    found = set(references(document))
    assert "#/components/schemas/Problem" in found
    for reference in found:
        *_, section, name = reference.split("/")
        assert name in document["components"][section]


def test_times_pages_and_headers_are_described_as_they_are(document):
    event = document["components"]["schemas"]["Event"]["properties"]
    assert event["occurred_at"]["format"] == "date-time"
    assert re.fullmatch(event["occurred_at"]["pattern"], "2026-11-22T13:27:24.123456Z")
    assert not re.fullmatch(event["occurred_at"]["pattern"], "2026-11-22 13:27:24Z")
    (limit,) = [
        parameter for parameter in document["paths"]["/v1/events"]["get"]["parameters"] if parameter["name"] == "limit"
    ]
    assert limit["schema"]["maximum"] == 200
    (key,) = [
        parameter for parameter in document["paths"]["/v1/events"]["post"]["parameters"] if parameter["in"] == "header"
    ]
    assert (key["name"], key["required"]) == ("Idempotency-Key", True)


@pytest.fixture
def takes(document):
    """Whether the document allows this value as that component."""

    def takes(component, value):
        schema = {"$ref": f"#/components/schemas/{component}", "components": document["components"]}
        return Draft202012Validator(schema).is_valid(value)

    return takes


def test_what_is_sent_is_held_to_what_the_server_takes(takes):
    event = example_event(datetime(2026, 11, 22, tzinfo=UTC))

    def takes_event(data=(), **changes):
        return takes("EventRequest", event | changes | {"data": event["data"] | dict(data)})

    assert takes_event()
    assert not takes_event(id="evt_1")
    assert not takes_event(type="payment.lost")
    assert not takes_event({"currency": "XAU"})
    assert not takes_event({"amount": "-1"})
    assert not takes_event({"payment_id": ""})


def test_a_format_is_described_with_the_options_of_its_version(takes):
    def chosen(version, **options):
        return {"format": {"name": "flat_camel", "version": version, "options": options}}

    assert takes("PatchedClientChangeRequest", chosen(2, minor_units={"KWD": 2}))
    assert not takes("PatchedClientChangeRequest", chosen(3))
    assert not takes("PatchedClientChangeRequest", chosen(2, minor_units={"XAU": 2}))
    assert not takes("PatchedClientChangeRequest", chosen(2, minor_units={"KWD": 5}))
    assert takes("PatchedClientChangeRequest", chosen(1, rename={"amountMinor": "cents"}))
    assert not takes("PatchedClientChangeRequest", chosen(2, rename={"amountMinor": "cents"}))


def test_an_event_is_answered_in_every_client_s_format_or_skipped(document):
    answers = document["paths"]["/v1/events/{public_id}"]["get"]["responses"]

    assert {"application/json", "application/xml; charset=utf-8"} < answers["200"]["content"].keys()
    assert answers["204"]["headers"].keys() == {"webhook-id", "webhook-skipped"}


def problems(document, method, path):
    answers = document["paths"][path][method]["responses"]
    return {int(status) for status in answers if status >= "4"}


def test_a_call_lists_the_problems_that_it_can_have_and_no_others(document):
    assert problems(document, "get", "/v1/formats") == {401, 413, 503}
    assert problems(document, "get", "/v1/deliveries") == {401, 413, 422, 503}
    assert problems(document, "get", "/v1/events") == {401, 404, 413, 422, 503}
    assert problems(document, "delete", "/v1/clients/{slug}") == {401, 404, 413, 503}
    assert problems(document, "post", "/v1/clients/{slug}/test") == {400, 401, 404, 413, 415, 422, 503}
    assert problems(document, "post", "/v1/deliveries/{public_id}/retry") == {400, 401, 404, 409, 413, 415, 422, 503}


def test_a_body_is_required_where_the_server_needs_one(document):
    def required(path, method="post"):
        return document["paths"][path][method]["requestBody"]["required"]

    assert required("/v1/events")
    assert required("/v1/clients/{slug}", "patch")
    assert not required("/v1/clients/{slug}/test")
    assert not required("/v1/clients/{slug}/rotate-secret")


def test_the_docs_page_needs_nothing_from_elsewhere(client, db):
    page = client.get("/docs/").content.decode()

    assert "/static/drf_spectacular_sidecar/" in page
    assert "https://" not in page
