"""Running it: health, metrics, the OpenAPI document, logs, and a database that goes away."""

import json
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness.examples import EXAMPLE, event
from harness.problems import assert_problem
from harness.receiver import Answer

# Health


def test_a_healthy_server_says_so(api):
    for target in ("/healthz", "/readyz"):
        assert api.anonymous().get(target).status == 200


def test_readyz_names_the_failing_check_only(api, database):
    with database.away():
        alive, ready = api.anonymous().get("/healthz"), api.anonymous().get("/readyz")

    assert alive.status == 200
    assert ready.status == 503
    assert "database" in ready.text
    for hint in ("Error", "Traceback", "sqlite", "psycopg", "postgres", "unable", "127.0.0.1", "/tmp", "behaviour"):
        assert hint not in ready.text
    assert api.anonymous().get("/readyz").status == 200, "back again"


def test_without_its_database_the_api_is_503(api, create_client, database):
    client = create_client()
    headers = {"Idempotency-Key": "while-away"}

    with database.away():
        answers = [
            api.get("/v1/clients"),
            api.get("/v1/deliveries"),
            client.api.get(client.url),
            api.post("/v1/events", event(), headers=headers),
            api.patch(client.url, {"name": "Lost"}),
            api.as_key("nobody").get("/v1/clients"),
        ]
        metrics = api.anonymous().get("/metrics")

    for answer in answers:
        assert_problem(answer, 503)
        assert "sqlite" not in answer.text and "psycopg" not in answer.text
    assert metrics.status == 503
    assert api.get(client.url).json()["name"] == client.created["name"]
    assert api.post("/v1/events", event(), headers=headers).status == 202, "a refused request keeps no key"


# Metrics


def samples(api):
    """The values of /metrics by name and only label."""
    response = api.anonymous().get("/metrics")
    assert response.status == 200
    assert response.content_type.startswith("text/plain")
    values = {}
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            assert len(sample.labels) <= 1
            values[(sample.name, *sample.labels.items())] = sample.value
    return values


def deliveries(api):
    return {key[1][1]: value for key, value in samples(api).items() if key[0] == "webhooks_deliveries" and value}


def outcomes(api):
    return {
        key[1][1]: value for key, value in samples(api).items() if key[0] == "webhooks_attempts_last_hour" and value
    }


def clients(api):
    return {key[1][1]: value for key, value in samples(api).items() if key[0] == "webhooks_clients" and value}


def oldest_due(api):
    return samples(api).get(("webhooks_oldest_due_seconds",), 0)


def test_an_empty_server_has_nothing_to_count(api):
    assert deliveries(api) == outcomes(api) == clients(api) == {}
    assert oldest_due(api) == 0


def test_metrics_have_the_labels_of_the_contract_and_no_clients(api, create_client, accepted, deliver):
    client = create_client()
    accepted()
    deliver()

    named = {(key[0], *(label for label, _ in key[1:])) for key in samples(api) if key[0].startswith("webhooks_")}

    assert named == {
        ("webhooks_deliveries", "status"),
        ("webhooks_attempts_last_hour", "outcome"),
        ("webhooks_oldest_due_seconds",),
        ("webhooks_clients", "status"),
    }
    assert client.slug not in api.get("/metrics").text


def test_deliveries_are_counted_by_status(api, create_client, accepted, deliver):
    create_client()
    create_client(format="slack_blocks")
    cancelled = create_client()
    create_client().inbox.answer(Answer(500))
    accepted()
    api.delete(cancelled.url)

    assert deliveries(api) == {"pending": 2, "skipped": 1, "cancelled": 1}
    deliver()
    assert deliveries(api) == {"pending": 1, "delivered": 1, "skipped": 1, "cancelled": 1}


def test_attempts_of_the_last_hour_are_counted_by_outcome(api, create_client, accepted, deliver, clock):
    create_client()
    create_client().inbox.answer(Answer(500))
    create_client(format="form_legacy").inbox.answer(Answer(200, b"no"))
    create_client().inbox.answer(Answer.reset())
    create_client().inbox.answer(Answer.redirect("/elsewhere"))
    accepted()
    deliver()

    expected = {"acknowledged": 1, "bad_status": 1, "not_acknowledged": 1, "connect": 1, "redirect": 1}
    assert outcomes(api) == expected
    clock.move(minutes=59)
    assert outcomes(api) == expected
    clock.move(minutes=2)
    assert outcomes(api) == {}


def test_clients_are_counted_by_status(api, create_client):
    for _ in range(3):
        client = create_client()
    api.patch(client.url, {"status": "disabled"})

    assert clients(api) == {"active": 2, "disabled": 1}


def test_a_deleted_client_is_not_counted(api, create_client):
    api.delete(create_client().url)

    assert clients(api) == {}


def test_the_oldest_due_delivery_is_measured_by_the_process_clock(api, create_client, accepted, clock, deliver):
    create_client()
    accepted()
    clock.move(seconds=60)
    accepted()
    clock.move(seconds=30)

    assert 90 <= oldest_due(api) < 100
    deliver()
    assert oldest_due(api) == 0


def test_a_delivery_that_waits_for_its_next_attempt_is_not_due(api, create_client, accepted, deliver, clock):
    create_client().inbox.answer(Answer(500))
    accepted()
    deliver()

    assert oldest_due(api) == 0
    clock.move(seconds=60)
    assert 53 <= oldest_due(api) < 70


# OpenAPI

ROUTES = {
    "/v1/clients": {"get", "post"},
    "/v1/clients/{}": {"get", "patch", "delete"},
    "/v1/clients/{}/rotate-secret": {"post"},
    "/v1/clients/{}/preview": {"post"},
    "/v1/clients/{}/test": {"post"},
    "/v1/clients/{}/recover": {"post"},
    "/v1/events": {"get", "post"},
    "/v1/events/{}": {"get"},
    "/v1/deliveries": {"get"},
    "/v1/deliveries/{}": {"get"},
    "/v1/deliveries/{}/retry": {"post"},
    "/v1/formats": {"get"},
}
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


@pytest.fixture
def document(api):
    response = api.anonymous().get("/v1/openapi.json")
    assert response.status == 200
    return response.json()


def operations(document):
    return {
        re.sub(r"\{[^}]*\}", "{}", path): {method: item[method] for method in METHODS & set(item)}
        for path, item in document["paths"].items()
    }


def test_the_document_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"]
    assert document["info"]["version"]


def test_the_document_lists_every_route(document):
    listed = {path: set(methods) for path, methods in operations(document).items()}

    assert {path: listed.get(path) for path in ROUTES} == ROUTES
    assert {path for path in listed if path.startswith("/v1/")} - set(ROUTES) <= {"/v1/openapi.json"}


def test_every_operation_has_an_id_of_its_own_and_answers(document):
    found = [operation for methods in operations(document).values() for operation in methods.values()]

    assert len({operation["operationId"] for operation in found}) == len(found)
    assert all(operation["responses"] for operation in found)


def test_every_reference_of_the_document_leads_somewhere(document):
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document))):
        target = document
        assert reference.startswith("#/")
        for token in reference.removeprefix("#/").split("/"):
            target = target[token.replace("~1", "/").replace("~0", "~")]


def test_posting_an_event_shows_its_header(document):
    post = operations(document)["/v1/events"]["post"]

    headers = {parameter["name"]: parameter for parameter in post["parameters"] if parameter["in"] == "header"}

    assert headers["Idempotency-Key"]["required"] is True


def test_the_docs_load_what_this_server_serves_and_nothing_else(api):
    page = api.anonymous().get("/docs/")

    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) >= 4
    for target in loaded:
        assert target.startswith("/")
        assert api.anonymous().get(target.replace("&amp;", "&")).status == 200
    assert not re.search(r"<script>|\son[a-z]+=", page.text)


# Logs


def lines(text):
    """Each line is one JSON object."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(line, dict) for line in found)
    return found


@pytest.fixture
def busy(api, create_client, accepted, deliver, server):
    """The whole output of the server and a worker in a busy minute, and the secrets of that minute."""
    token = "s3cr3t-token-in-the-path"
    failing = create_client(slug="failing", path=f"/{token}/failing?key={token}")
    failing.inbox.answer(Answer(500, b"zoe@example.com is unknown here"))
    strange = create_client(slug="strange", path=f"/{token}/strange")
    strange.inbox.answer(Answer(raw=b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n"))
    fine = create_client(slug="fine", path=f"/{token}/fine", options={"mask": ["customer.email"]})
    unreachable = create_client(slug="unreachable", endpoint_url=f"http://nowhere.invalid/{token}")
    rotated = api.post(fine.url + "/rotate-secret").json()["signing_secret"]
    event_id = accepted(data__reference="reference-of-zoe")
    api.post(fine.url + "/preview", event())
    api.post(fine.url + "/test")
    api.post("/v1/events", event(type="zoe@example.com", data__customer__iban=5), headers={"Idempotency-Key": "idem-1"})
    api.post("/v1/clients", body=b'{"name": "DE89370400440532013000"')
    api.as_key("whk_wrong-key-of-someone").get("/v1/clients")
    api.get("/v1/nothing")
    written = deliver().stderr + server.log()
    customer = EXAMPLE["data"]["customer"]
    secrets = [
        token,
        rotated,
        api.key,
        "whk_wrong-key-of-someone",
        *(client.api_key for client in (failing, strange, fine, unreachable)),
        *(client.signing_secret for client in (failing, strange, fine, unreachable)),
        *(customer["name"], customer["email"], customer["iban"], "Müller", "M\\u00fcller", "reference-of-zoe"),
    ]
    return written, secrets, event_id


def test_a_log_line_is_one_json_object(busy):
    written, _, _ = busy

    assert len(lines(written)) >= 4


def test_an_attempt_is_logged_with_its_ids_and_host(busy, api):
    written, _, event_id = busy
    rows = api.get(f"/v1/deliveries?event={event_id}").json()["results"]
    hosts = {"unreachable": "nowhere.invalid"}

    for row in rows:
        wanted = {event_id, row["id"], row["client"], hosts.get(row["client"], "127.0.0.1")}
        assert any(wanted <= set(map(str, line.values())) for line in lines(written)), row["client"]


def test_logs_hold_no_secret_no_customer_and_no_whole_url(busy):
    written, secrets, _ = busy

    assert [secret for secret in secrets if secret in written] == []
    assert "http://" not in written
