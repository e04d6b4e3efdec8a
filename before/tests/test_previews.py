"""A client's requests about its own format: a preview, and a test event."""

from datetime import UTC, datetime

import pytest

from clients.models import Client
from webhooks.examples import example_event
from webhooks.models import Delivery, Event

from .conftest import api_of, pointers

NOW = datetime(2026, 11, 22, 13, 27, 24, 123456, UTC)
PREVIEW = "/v1/clients/acme/preview"


@pytest.mark.parametrize(
    ("format_name", "options"),
    [
        ("std_json", {"mask": ["customer.name"]}),
        ("flat_camel", {"minor_units": {"USD": 3}}),
        ("xml_bank", {"timezone": "Asia/Tokyo"}),
        ("form_legacy", {}),
        ("slack_blocks", {"threshold": {"USD": "1"}}),
        ("csv", {}),
    ],
)
def test_a_preview_is_exactly_what_would_be_delivered(operator, make_client, format_name, options):
    client = make_client(format_name, **options)

    preview = api_of(client).post(PREVIEW, example_event(NOW))

    operator.post("/v1/events", example_event(NOW), headers={"Idempotency-Key": "k"})
    delivery = Delivery.objects.get()
    assert preview.status_code == 200
    assert preview.content == bytes(delivery.body)
    assert preview.headers["Content-Type"] == delivery.content_type


def test_a_preview_stores_nothing_and_has_a_fresh_id_and_no_signature(operator, make_client):
    make_client("cloudevents")

    first, second = (operator.post(PREVIEW, example_event(NOW)) for _ in range(2))

    assert not Event.objects.exists()
    assert first.headers["webhook-id"].startswith("evt_")
    assert first.headers["webhook-id"] == first.json()["id"] != second.headers["webhook-id"]
    assert "webhook-signature" not in first.headers


def test_a_preview_of_what_the_format_skips_is_204(operator, make_client):
    make_client("slack_blocks", threshold={"USD": "10.11"})

    response = operator.post(PREVIEW, example_event(NOW))

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["webhook-skipped"] == "below_threshold"


def test_a_preview_is_shown_whatever_the_client_subscribed_to(operator, make_client):
    make_client().disable("operator")
    Client.objects.update(event_types=[])

    assert operator.post(PREVIEW, example_event(NOW)).status_code == 200


def test_a_preview_that_cannot_be_rendered_is_409(operator, make_client, log_lines):
    make_client("csv", timezone="Mars/Phobos")

    assert operator.post(PREVIEW, example_event(NOW)).status_code == 409
    assert "render_failed" in [line["event"] for line in log_lines()]


def test_a_preview_checks_the_event(operator, make_client):
    make_client()

    response = operator.post(PREVIEW, example_event(NOW) | {"type": "payment.lost"})

    assert pointers(response) == ["/type"]


def test_a_test_event_goes_to_this_client_alone(operator, make_client):
    make_client(slug="acme")
    make_client(slug="other")
    Client.objects.update(event_types=[])

    response = operator.post("/v1/clients/acme/test")

    event = Event.objects.get()
    assert (response.status_code, response.json()) == (202, {"id": event.public_id, "deliveries": 1})
    delivery = Delivery.objects.get()
    assert (delivery.client.slug, delivery.status) == ("acme", "pending")
    assert (event.payment_id, event.amount_text, event.idempotency_key) == ("pay_01", "10.10", None)


def test_a_test_event_occurs_now(operator, make_client):
    make_client()

    operator.post("/v1/clients/acme/test", {})

    event = Event.objects.get()
    assert abs((event.created_at - event.occurred_at).total_seconds()) < 5


def test_a_client_tests_itself_alone(make_client):
    api = api_of(make_client(slug="acme"))
    make_client(slug="other")

    assert api.post("/v1/clients/acme/test").status_code == 202
    assert api.post("/v1/clients/other/test").status_code == 404
    assert api.post("/v1/clients/other/preview", example_event(NOW)).status_code == 404
    assert Event.objects.count() == 1


def test_a_test_takes_no_members(operator, make_client):
    make_client()

    assert pointers(operator.post("/v1/clients/acme/test", {"type": "payout.paid"})) == ["/type"]
    assert not Event.objects.exists()
