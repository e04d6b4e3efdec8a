"""A client key sees its own client, the events delivered to it and its own deliveries; all else is 404."""

import pytest

from harness.examples import event
from harness.problems import assert_problem


@pytest.fixture
def pair(create_client):
    """Two clients; only the first gets payouts."""
    first = create_client(slug="first", event_types=["payment.*", "payout.paid"])
    second = create_client(slug="second", event_types=["payment.*"])
    return first, second


@pytest.mark.parametrize(
    "method, target, body",
    [
        ("POST", "/v1/clients", {}),
        ("GET", "/v1/clients", None),
        ("DELETE", "/v1/clients/first", None),
        ("POST", "/v1/events", {}),
        ("GET", "/v1/events", None),
    ],
)
def test_an_operators_route_is_404_for_a_client_key(pair, database, method, target, body):
    first, _ = pair
    before = database.snapshot()

    response = first.api.request(method, target, body=None if body is None else b"{}")

    assert_problem(response, 404)
    assert database.snapshot() == before


def test_an_event_cannot_be_posted_with_a_client_key(pair, database):
    first, _ = pair

    response = first.api.post("/v1/events", event(), headers={"Idempotency-Key": "by-a-client"})

    assert_problem(response, 404)
    assert database.rows("SELECT * FROM webhooks_event") == []


@pytest.mark.parametrize(
    "method, suffix, body",
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine now"}),
        ("DELETE", "", None),
        ("POST", "/rotate-secret", {}),
        ("POST", "/preview", event()),
        ("POST", "/test", {}),
        (
            "POST",
            "/recover",
            {"since": "2020-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z"},
        ),
    ],
)
def test_another_client_is_404(pair, database, method, suffix, body):
    first, second = pair
    before = database.snapshot()
    arguments = {} if body is None else {"json": body}

    response = first.api.request(method, second.url + suffix, **arguments)

    assert_problem(response, 404)
    assert database.snapshot() == before


def test_another_client_and_no_client_look_the_same(pair):
    first, second = pair

    others, nobodys = (first.api.get(url) for url in (second.url, "/v1/clients/nobody"))

    assert others.status == nobodys.status == 404
    assert others.body.replace(b"second", b"nobody") == nobodys.body


def test_only_its_recipients_see_an_event(pair, accepted):
    first, second = pair
    payout = accepted(type="payout.paid")

    assert first.api.get(f"/v1/events/{payout}").status == 200
    assert_problem(second.api.get(f"/v1/events/{payout}"), 404)


def test_a_client_key_cannot_look_at_an_event_as_another_client(create_client, accepted):
    first = create_client(slug="first", format="csv")
    create_client(slug="second", format="xml_bank")
    event_id = accepted()

    response = first.api.get(f"/v1/events/{event_id}?client=second")

    assert b"<Payment" not in response.body
    assert response.status in (200, 404)


def test_deliveries_are_seen_by_their_own_client_only(pair, accepted, api):
    first, second = pair
    accepted()
    (own,) = first.api.get("/v1/deliveries").json()["results"]
    (others,) = second.api.get("/v1/deliveries").json()["results"]

    assert own["client"] == "first" and others["client"] == "second"
    assert first.api.get(f"/v1/deliveries/{own['id']}").json()["id"] == own["id"]
    assert_problem(first.api.get(f"/v1/deliveries/{others['id']}"), 404)
    assert_problem(first.api.post(f"/v1/deliveries/{others['id']}/retry"), 404)
    assert len(api.get("/v1/deliveries").json()["results"]) == 2


def test_an_operator_sees_every_client_and_delivery(pair, accepted, api):
    event_id = accepted(type="payout.paid")

    for client in pair:
        assert api.get(client.url).json()["slug"] == client.slug
    (delivery,) = api.get("/v1/deliveries").json()["results"]
    assert api.get(f"/v1/deliveries/{delivery['id']}").status == 200
    assert api.get(f"/v1/events/{event_id}").status == 200


def test_no_request_of_a_client_key_is_answered_with_403(pair):
    first, second = pair
    targets = ["/v1/clients", first.url, second.url, "/v1/events", "/v1/deliveries", "/v1/formats"]

    statuses = {
        (method, target): first.api.request(method, target).status
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
        for target in targets
    }

    assert 403 not in statuses.values()
