"""/v1/deliveries, retry and recover."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Client
from plumbing.fields import rfc3339
from webhooks.models import Attempt, Delivery

from .conftest import api_of, pointers
from .factories import an_event


@pytest.fixture
def two_clients(make_client):
    """One event, delivered to acme and waiting for other."""
    make_client(slug="acme")
    make_client(slug="other")
    an_event().save()
    Delivery.objects.filter(client__slug="acme").update(status="delivered", next_attempt_at=None)
    return Delivery.objects.get(client__slug="acme"), Delivery.objects.get(client__slug="other")


def listed(api, query=""):
    return [row["client"] for row in api.get(f"/v1/deliveries{query}").json()["results"]]


def retry(api, delivery):
    return api.post(f"/v1/deliveries/{delivery.public_id}/retry")


def end(status, **changes):
    Delivery.objects.update(status=status, next_attempt_at=None, **changes)


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
    assert listed(operator, "?colour=red") == ["other", "acme"]
    assert (
        listed(operator, "?client=nobody") == listed(operator, "?event=evt_0") == listed(operator, "?client=%00") == []
    )


@pytest.mark.parametrize("status", ["", "PENDING", "lost", "pending,dead"])
def test_a_bad_status_is_422(operator, status):
    response = operator.get("/v1/deliveries", {"status": status})

    assert response.status_code == 422
    assert pointers(response) == [""]
    assert "status" in response.json()["detail"]


def test_a_client_sees_its_own_deliveries_alone(two_clients):
    own, others = two_clients
    api = api_of(own.client)

    assert listed(api) == listed(api, "?client=acme") == ["acme"]
    assert listed(api, "?client=other") == []
    assert api.get(f"/v1/deliveries/{own.public_id}").status_code == 200
    assert api.get(f"/v1/deliveries/{others.public_id}").status_code == 404
    assert retry(api, others).status_code == 404


def test_the_list_takes_as_many_queries_for_many_rows(operator, two_clients, django_assert_max_num_queries):
    for _ in range(20):
        an_event().save()

    with django_assert_max_num_queries(3):
        assert len(listed(operator)) == 42


@pytest.mark.parametrize("delivery_id", ["dlv_0", "%00"])
def test_an_unknown_delivery_is_404(operator, delivery_id):
    assert operator.get(f"/v1/deliveries/{delivery_id}").status_code == 404
    assert operator.post(f"/v1/deliveries/{delivery_id}/retry").status_code == 404


@pytest.mark.parametrize("status", ["dead", "delivered"])
def test_a_retry_starts_eight_new_attempts(operator, delivery, status):
    end(status, attempt_count=8, attempts_this_round=8)

    response = retry(operator, delivery)

    assert response.status_code == 202
    assert (response.json()["status"], response.json()["attempt_count"]) == ("pending", 8)
    delivery.refresh_from_db()
    assert delivery.attempts_this_round == 0
    assert delivery.next_attempt_at <= timezone.now()


def test_a_retry_of_a_waiting_delivery_makes_it_due_and_keeps_its_round(operator, delivery):
    Delivery.objects.update(next_attempt_at=timezone.now() + timedelta(hours=2), attempts_this_round=4)

    assert retry(operator, delivery).status_code == 202

    delivery.refresh_from_db()
    assert delivery.next_attempt_at <= timezone.now()
    assert delivery.attempts_this_round == 4


def test_a_retry_leaves_what_is_being_sent_as_it_is(operator, delivery):
    (claimed,) = Delivery.objects.claim_due(1, {})

    assert retry(operator, delivery).status_code == 202

    delivery.refresh_from_db()
    assert delivery.lease_token == claimed.lease_token
    assert delivery.next_attempt_at == claimed.next_attempt_at


@pytest.mark.parametrize("status", ["skipped", "cancelled"])
def test_a_delivery_that_is_not_to_be_sent_cannot_be_retried(operator, delivery, status):
    end(status)

    assert retry(operator, delivery).status_code == 409
    assert Delivery.objects.get().status == status


def test_a_delivery_that_was_not_rendered_cannot_be_retried(operator, delivery):
    end("dead", body=None)

    assert retry(operator, delivery).status_code == 409
    assert Delivery.objects.get().status == "dead"


@pytest.mark.parametrize("why", ["disabled", "deleted"])
@pytest.mark.parametrize("status", ["pending", "dead"])
def test_a_disabled_or_deleted_clients_delivery_cannot_be_retried(operator, delivery, why, status):
    if status == "dead":
        end("dead")
    delivery.client.disable("operator") if why == "disabled" else Client.objects.update(deleted_at=timezone.now())

    assert retry(operator, delivery).status_code == 409
    assert Delivery.objects.get().status == status


def test_a_client_retries_its_own_delivery(delivery):
    end("dead")

    assert retry(api_of(delivery.client), delivery).json()["status"] == "pending"


def test_a_retry_takes_no_members(operator, delivery):
    response = operator.post(f"/v1/deliveries/{delivery.public_id}/retry", {"force": True})

    assert response.status_code == 422
    assert pointers(response) == ["/force"]


@pytest.fixture
def five_dead(make_client):
    """Deliveries created once a minute, beginning at the returned time."""
    make_client()
    start = timezone.now() - timedelta(hours=1)
    for minute in range(5):
        an_event(created_at=start + timedelta(minutes=minute)).save()
    end("dead", attempts_this_round=8)
    return start


def recover(api, since, until, slug="acme"):
    return api.post(f"/v1/clients/{slug}/recover", {"since": rfc3339(since), "until": rfc3339(until)})


def test_recover_makes_the_dead_of_a_period_due_again(operator, five_dead):
    response = recover(operator, five_dead + timedelta(minutes=1), five_dead + timedelta(minutes=3))

    assert (response.status_code, response.json()) == (202, {"queued": 2})
    statuses = list(Delivery.objects.order_by("pk").values_list("status", "attempts_this_round"))
    assert statuses == [("dead", 8), ("pending", 0), ("pending", 0), ("dead", 8), ("dead", 8)]


def test_recover_takes_only_what_is_dead_and_has_a_body(operator, five_dead):
    first, second, *_ = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(status="delivered")
    Delivery.objects.filter(pk=second.pk).update(body=None)

    assert recover(operator, five_dead, five_dead + timedelta(hours=1)).json() == {"queued": 3}

    assert Delivery.objects.get(pk=first.pk).status == "delivered"
    assert Delivery.objects.get(pk=second.pk).status == "dead"


def test_recover_is_for_one_client(make_client, five_dead):
    other = make_client(slug="other")

    assert recover(api_of(other), five_dead, timezone.now(), "other").json() == {"queued": 0}
    assert recover(api_of(other), five_dead, timezone.now(), "acme").status_code == 404
    assert not Delivery.objects.filter(status="pending").exists()


def test_recover_is_refused_for_a_disabled_client(operator, five_dead):
    Client.objects.get().disable("failing")

    assert recover(operator, five_dead, timezone.now()).status_code == 409
    assert not Delivery.objects.filter(status="pending").exists()


@pytest.mark.parametrize(
    ("period", "pointer"),
    [
        ({"since": "2026-11-22T13:00:00Z"}, "/until"),
        ({"since": "yesterday", "until": "2026-11-22T13:00:00Z"}, "/since"),
        ({"since": "2026-11-22T13:00:00Z", "until": "2026-11-22T12:00:00Z"}, "/until"),
    ],
)
def test_recover_needs_a_period(operator, make_client, period, pointer):
    make_client()

    assert pointers(operator.post("/v1/clients/acme/recover", period)) == [pointer]
