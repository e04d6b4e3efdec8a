"""The HTTP API: each call once, down to the rows and back. The tests of the domain cover its decisions.

A use case that refuses ends its transaction, so later queries of a test need a transaction of their own
(`transaction=True`).
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Client
from plumbing.fields import rfc3339
from tests.web import POSTED, accept, api_of, disable, lease, pointers
from webhooks.models import Attempt, Delivery, Event


def post(api, event=POSTED, key="key-1"):
    return api.post("/v1/events", event, headers={"Idempotency-Key": key} if key is not None else {})


# POST /v1/events


def test_an_accepted_event_is_stored_as_it_was_posted(operator, make_client):
    make_client()

    response = post(operator)

    event, delivery = Event.objects.get(), Delivery.objects.get()
    assert (response.status_code, response.json()) == (202, {"id": event.public_id, "deliveries": 1})
    assert "Idempotent-Replayed" not in response.headers
    assert operator.get(f"/v1/events/{event.public_id}").json() == {"id": event.public_id, **POSTED}
    assert bytes(delivery.body).startswith(b'{"type":"payment.captured"')


@pytest.mark.django_db(transaction=True)
def test_the_same_request_again_is_a_replay(operator, make_client):
    make_client()
    first = post(operator)

    again = post(operator)

    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Event.objects.count() == Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_key_with_another_body_is_422(operator):
    post(operator)

    response = post(operator, POSTED | {"type": "payout.paid"})

    assert (response.status_code, pointers(response)) == (422, [""])
    assert "Idempotency-Key" in response.json()["detail"]
    assert Event.objects.count() == 1


@pytest.mark.parametrize("key", [None, "", "a b", "é", "x" * 256])
def test_a_key_has_1_to_255_visible_characters(operator, key):
    response = post(operator, key=key)

    assert response.status_code == 400
    assert "Idempotency-Key" in response.json()["detail"]
    assert not Event.objects.exists()


def test_a_bad_event_keeps_no_key(operator):
    assert pointers(post(operator, POSTED | {"type": "payment.lost"})) == ["/type"]
    assert post(operator).status_code == 202


@pytest.mark.parametrize("clients", [1, 50])
def test_accepting_takes_as_many_queries_for_many_clients(
    operator, make_client, django_assert_max_num_queries, clients
):
    for number in range(clients):
        make_client(slug=f"c{number}")

    with django_assert_max_num_queries(10):
        assert post(operator).json()["deliveries"] == clients


# GET /v1/events


def test_events_are_listed_newest_first_and_by_type(operator):
    for event_type in ("payment.failed", "payout.paid", "payment.failed"):
        accept(type=event_type)

    everything = operator.get("/v1/events").json()["results"]
    failed = operator.get("/v1/events?type=payment.failed").json()["results"]

    assert [event["type"] for event in everything] == ["payment.failed", "payout.paid", "payment.failed"]
    assert [event["id"] for event in failed] == [everything[0]["id"], everything[2]["id"]]
    assert operator.get("/v1/events?type=payment.lost").json()["results"] == []


def test_a_client_reads_an_event_in_its_own_format_and_an_operator_as_that_client(operator, make_client):
    client = make_client("xml_bank", mask=["customer.name"])
    event = accept()

    for response in (
        api_of(client).get(f"/v1/events/{event.id}"),
        operator.get(f"/v1/events/{event.id}?client=acme"),
    ):
        assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
        assert response.content == bytes(Delivery.objects.get().body)
    assert operator.get(f"/v1/events/{event.id}?client=other").status_code == 404
    assert operator.get(f"/v1/events/{event.id}", {"client": "a\0"}).status_code == 404


def test_a_client_reads_a_skipped_event_as_204(make_client):
    client = make_client("slack_blocks")
    event = accept()

    response = api_of(client).get(f"/v1/events/{event.id}")

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["webhook-skipped"] == "below_threshold"


def test_there_is_nothing_to_read_where_nothing_was_rendered(make_client):
    client = make_client("csv", timezone="Mars/Phobos")
    event = accept()

    assert api_of(client).get(f"/v1/events/{event.id}").status_code == 404


def test_a_client_reads_only_events_delivered_to_it(make_client):
    make_client(slug="acme")
    other = api_of(make_client(slug="other"))
    Client.objects.filter(slug="other").update(event_types=[])
    event = accept()

    for path in (f"/v1/events/{event.id}", f"/v1/events/{event.id}?client=acme", "/v1/events"):
        assert other.get(path).status_code == 404


@pytest.mark.parametrize("event_id", ["evt_0", "evt_%00", "%C2%A0"])
def test_an_unknown_event_is_404(operator, event_id):
    assert operator.get(f"/v1/events/{event_id}").status_code == 404


# /v1/deliveries


@pytest.fixture
def two_clients(make_client):
    """One event, delivered to acme and waiting for other."""
    make_client(slug="acme")
    make_client(slug="other")
    accept()
    Delivery.objects.filter(client__slug="acme").update(status="delivered", next_attempt_at=None)
    return Delivery.objects.get(client__slug="acme"), Delivery.objects.get(client__slug="other")


def listed(api, query=""):
    return [row["client"] for row in api.get(f"/v1/deliveries{query}").json()["results"]]


def test_a_delivery_is_shown_with_its_attempts(operator, delivery):
    now = timezone.now()
    for status, error in ((None, "timeout"), (500, "bad_status")):
        Attempt.objects.create(
            delivery=delivery, started_at=now, duration_ms=7, response_status=status, error=error, response_excerpt="x"
        )

    shown = operator.get(f"/v1/deliveries/{delivery.public_id}").json()

    attempts = shown.pop("attempts")
    assert shown == {
        "id": delivery.public_id,
        "event": delivery.event.public_id,
        "client": "acme",
        "status": "pending",
        "skip_reason": None,
        "attempt_count": 0,
        "next_attempt_at": rfc3339(delivery.next_attempt_at),
        "created_at": rfc3339(delivery.created_at),
    }
    assert [attempt["error"] for attempt in attempts] == ["timeout", "bad_status"]
    assert attempts[1] == {
        "started_at": rfc3339(now),
        "duration_ms": 7,
        "response_status": 500,
        "error": "bad_status",
        "response_excerpt": "x",
    }


def test_deliveries_are_listed_newest_first_and_filtered(operator, two_clients):
    event = two_clients[0].event.public_id

    assert listed(operator) == ["other", "acme"]
    assert listed(operator, "?client=acme") == ["acme"]
    assert listed(operator, "?status=pending") == ["other"]
    assert listed(operator, f"?event={event}&status=delivered") == ["acme"]
    assert listed(operator, "?client=nobody") == listed(operator, "?event=evt_0") == []
    assert listed(operator, "?client=%00") == []


@pytest.mark.parametrize("status", ["", "PENDING", "lost", "pending,dead"])
def test_a_bad_status_is_422(operator, status):
    response = operator.get("/v1/deliveries", {"status": status})

    assert (response.status_code, pointers(response)) == (422, [""])
    assert "status" in response.json()["detail"]


def test_a_client_sees_and_retries_its_own_deliveries_alone(two_clients):
    own, others = two_clients
    api = api_of(own.client)

    assert listed(api) == listed(api, "?client=acme") == ["acme"]
    assert listed(api, "?client=other") == []
    assert api.get(f"/v1/deliveries/{own.public_id}").status_code == 200
    assert api.post(f"/v1/deliveries/{own.public_id}/retry").json()["status"] == "pending"
    assert api.get(f"/v1/deliveries/{others.public_id}").status_code == 404
    assert api.post(f"/v1/deliveries/{others.public_id}/retry").status_code == 404


def test_the_list_takes_as_many_queries_for_many_rows(operator, two_clients, django_assert_max_num_queries):
    for _ in range(20):
        accept()

    with django_assert_max_num_queries(3):
        assert len(listed(operator)) == 42


@pytest.mark.parametrize("delivery_id", ["dlv_0", "%00"])
def test_an_unknown_delivery_is_404(operator, delivery_id):
    assert operator.get(f"/v1/deliveries/{delivery_id}").status_code == 404
    assert operator.post(f"/v1/deliveries/{delivery_id}/retry").status_code == 404


def test_a_retry_answers_with_the_delivery_as_it_is_now(operator, delivery):
    Delivery.objects.update(status="dead", next_attempt_at=None, attempt_count=8, attempts_this_round=8)

    response = operator.post(f"/v1/deliveries/{delivery.public_id}/retry")

    assert response.status_code == 202
    assert (response.json()["status"], response.json()["attempt_count"]) == ("pending", 8)
    assert Delivery.objects.get().next_attempt_at <= timezone.now()


def test_a_retry_leaves_what_is_being_sent_as_it_is(operator, delivery):
    lease(delivery)

    assert operator.post(f"/v1/deliveries/{delivery.public_id}/retry").status_code == 202
    assert Delivery.objects.get().next_attempt_at == delivery.next_attempt_at


def test_an_impossible_retry_is_409(operator, delivery):
    disable(delivery.client, "operator")

    response = operator.post(f"/v1/deliveries/{delivery.public_id}/retry")

    assert (response.status_code, response.json()["detail"]) == (409, "The client is disabled or deleted.")


def test_a_retry_takes_no_members(operator, delivery):
    assert pointers(operator.post(f"/v1/deliveries/{delivery.public_id}/retry", {"force": True})) == ["/force"]


# What is asked of one client


def recover(api, since, until, slug="acme"):
    return api.post(f"/v1/clients/{slug}/recover", {"since": rfc3339(since), "until": rfc3339(until)})


def test_recover_makes_the_dead_of_a_period_due_again(operator, delivery):
    Delivery.objects.update(status="dead", next_attempt_at=None)
    made = delivery.created_at

    too_early = recover(operator, made - timedelta(hours=1), made)
    in_time = recover(api_of(delivery.client), made, made + timedelta(hours=1))

    assert (too_early.json(), in_time.status_code, in_time.json()) == ({"queued": 0}, 202, {"queued": 1})
    assert Delivery.objects.get().status == "pending"


@pytest.mark.django_db(transaction=True)
def test_recover_is_refused_for_a_disabled_client_and_for_anothers(operator, make_client):
    disable(make_client(), "failing")
    now = timezone.now()

    assert recover(operator, now, now).status_code == 409
    assert recover(api_of(make_client(slug="other")), now, now).status_code == 404


@pytest.mark.parametrize(
    "period, pointer",
    [
        ({"since": "2026-11-22T13:00:00Z"}, "/until"),
        ({"since": "yesterday", "until": "2026-11-22T13:00:00Z"}, "/since"),
        ({"since": "2026-11-22T13:00:00Z", "until": "2026-11-22T12:00:00Z"}, "/until"),
    ],
)
def test_recover_needs_a_period(operator, make_client, period, pointer):
    make_client()

    assert pointers(operator.post("/v1/clients/acme/recover", period)) == [pointer]


def test_a_preview_is_exactly_what_would_be_delivered(operator, make_client):
    client = make_client("csv", timezone="Asia/Tokyo")

    preview = api_of(client).post("/v1/clients/acme/preview", POSTED)

    assert not Event.objects.exists()
    post(operator)
    delivery = Delivery.objects.get()
    assert (preview.status_code, preview.content) == (200, bytes(delivery.body))
    assert preview.headers["Content-Type"] == delivery.content_type
    assert preview.headers["webhook-id"].startswith("evt_")
    assert "webhook-signature" not in preview.headers


def test_a_preview_of_what_the_format_skips_is_204(operator, make_client):
    make_client("slack_blocks", threshold={"USD": "10.11"})

    response = operator.post("/v1/clients/acme/preview", POSTED)

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["webhook-skipped"] == "below_threshold"


def test_a_preview_that_cannot_be_rendered_is_409(operator, make_client):
    make_client("csv", timezone="Mars/Phobos")

    assert operator.post("/v1/clients/acme/preview", POSTED).status_code == 409


def test_a_preview_checks_the_event_and_whose_it_is(operator, make_client):
    make_client()

    assert pointers(operator.post("/v1/clients/acme/preview", POSTED | {"type": "payment.lost"})) == ["/type"]
    assert api_of(make_client(slug="other")).post("/v1/clients/acme/preview", POSTED).status_code == 404


def test_a_test_event_goes_to_this_client_alone(operator, make_client):
    make_client(slug="acme")
    make_client(slug="other")
    Client.objects.update(event_types=[])

    response = operator.post("/v1/clients/acme/test")

    event, delivery = Event.objects.get(), Delivery.objects.get()
    assert (response.status_code, response.json()) == (202, {"id": event.public_id, "deliveries": 1})
    assert (delivery.client.slug, event.payment_id, event.idempotency_key) == ("acme", "pay_01", None)
    assert pointers(operator.post("/v1/clients/acme/test", {"type": "payout.paid"})) == ["/type"]


# GET /v1/formats


def test_formats_are_listed_with_versions_options_and_acks(operator):
    formats = operator.get("/v1/formats").json()

    assert [format_["name"] for format_ in formats] == [
        "cloudevents", "csv", "flat_camel", "form_legacy", "slack_blocks", "std_json", "xml_bank",
    ]  # fmt: skip
    (flat_camel,) = [format_ for format_ in formats if format_["name"] == "flat_camel"]
    assert [version["version"] for version in flat_camel["versions"]] == [1, 2]
    (slack,) = formats[4]["versions"]
    assert (slack["content_type"], slack["ack"]) == ("application/json", "2xx ok")
    assert list(slack["options"]["properties"]) == ["threshold", "mask", "event_aliases"]
