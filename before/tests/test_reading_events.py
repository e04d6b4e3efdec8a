"""GET /v1/events: an operator's view, and a client's own."""

from datetime import UTC, datetime

import pytest

from clients.models import Client
from webhooks.examples import example_event
from webhooks.models import Delivery

from .conftest import api_of
from .factories import an_event

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def test_an_operator_reads_an_event_as_it_was_posted(operator):
    posted = example_event(NOW)
    event_id = operator.post("/v1/events", posted, headers={"Idempotency-Key": "k"}).json()["id"]

    response = operator.get(f"/v1/events/{event_id}")

    assert response.json() == {"id": event_id, **posted}
    assert list(response.json()["data"]) == list(posted["data"])


def test_an_event_shows_its_failure_and_its_amount_in_full(operator):
    event = an_event(amount="7", failure_code="05", failure_message="Do not honour")
    event.save()

    data = operator.get(f"/v1/events/{event.public_id}").json()["data"]

    assert (data["amount"], data["failure"]) == ("7.00", {"code": "05", "message": "Do not honour"})


def test_events_are_listed_newest_first_and_by_type(operator):
    for event_type in ("payment.failed", "payout.paid", "payment.failed"):
        an_event(type=event_type, failure_code="05", failure_message="no").save()

    everything = operator.get("/v1/events").json()["results"]
    failed = operator.get("/v1/events?type=payment.failed").json()["results"]

    assert [event["type"] for event in everything] == ["payment.failed", "payout.paid", "payment.failed"]
    assert [event["id"] for event in failed] == [everything[0]["id"], everything[2]["id"]]
    assert operator.get("/v1/events?type=payment.lost").json()["results"] == []


def test_a_client_reads_an_event_in_its_own_format(make_client):
    client = make_client("xml_bank", mask=["customer.name"])
    event = an_event()
    event.save()

    response = api_of(client).get(f"/v1/events/{event.public_id}")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert response.content == bytes(Delivery.objects.get().body)
    assert "Müller" not in response.content.decode()


def test_an_operator_reads_an_event_as_a_client_does(operator, make_client):
    client = make_client("csv")
    event = an_event()
    event.save()

    as_client = operator.get(f"/v1/events/{event.public_id}?client=acme")

    assert as_client.content == api_of(client).get(f"/v1/events/{event.public_id}").content
    assert operator.get(f"/v1/events/{event.public_id}?client=other").status_code == 404
    assert operator.get(f"/v1/events/{event.public_id}", {"client": "a\0"}).status_code == 404


def test_a_client_reads_a_skipped_event_as_204(make_client):
    client = make_client("slack_blocks")
    event = an_event()
    event.save()

    response = api_of(client).get(f"/v1/events/{event.public_id}")

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["webhook-skipped"] == "below_threshold"


def test_there_is_nothing_to_read_where_nothing_was_rendered(make_client):
    client = make_client("csv", timezone="Mars/Phobos")
    event = an_event()
    event.save()

    assert api_of(client).get(f"/v1/events/{event.public_id}").status_code == 404


def test_a_client_reads_only_events_delivered_to_it(make_client):
    make_client(slug="acme")
    other = api_of(make_client(slug="other"))
    Client.objects.filter(slug="other").update(event_types=[])
    event = an_event()
    event.save()

    assert other.get(f"/v1/events/{event.public_id}").status_code == 404
    assert other.get(f"/v1/events/{event.public_id}?client=acme").status_code == 404
    assert other.get("/v1/events").status_code == 404


@pytest.mark.parametrize("event_id", ["evt_0", "evt_%00", "%C2%A0"])
def test_an_unknown_event_is_404(operator, event_id):
    assert operator.get(f"/v1/events/{event_id}").status_code == 404
