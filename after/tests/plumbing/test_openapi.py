import pytest


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
    (limit,) = [
        parameter for parameter in document["paths"]["/v1/events"]["get"]["parameters"] if parameter["name"] == "limit"
    ]
    assert limit["schema"]["maximum"] == 200
    (key,) = [
        parameter for parameter in document["paths"]["/v1/events"]["post"]["parameters"] if parameter["in"] == "header"
    ]
    assert (key["name"], key["required"]) == ("Idempotency-Key", True)


def test_the_docs_page_needs_nothing_from_elsewhere(client, db):
    page = client.get("/docs/").content.decode()

    assert "/static/drf_spectacular_sidecar/" in page
    assert "https://" not in page
