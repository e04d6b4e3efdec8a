"""Disabling, enabling and deleting a client, and who may do it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import ApiKey, Client
from tests.web import accept, disable, lease
from webhooks.models import Delivery

from .conftest import api_of, pointers

ACME = "/v1/clients/acme"


def status_of(client):
    client.refresh_from_db()
    return client.status, client.disabled_reason


@pytest.mark.parametrize(
    ("by", "before", "asked", "after"),
    [
        ("operator", ("active", None), "disabled", ("disabled", "operator")),
        ("client", ("active", None), "disabled", ("disabled", "client")),
        ("operator", ("active", None), "active", ("active", None)),
        ("operator", ("disabled", "client"), "disabled", ("disabled", "operator")),
        ("operator", ("disabled", "failing"), "disabled", ("disabled", "operator")),
        ("client", ("disabled", "gone"), "disabled", ("disabled", "gone")),
        ("client", ("disabled", "operator"), "disabled", ("disabled", "operator")),
        ("operator", ("disabled", "operator"), "active", ("active", None)),
        ("client", ("disabled", "client"), "active", ("active", None)),
        ("client", ("disabled", "gone"), "active", ("active", None)),
        ("client", ("disabled", "failing"), "active", ("active", None)),
    ],
)
def test_a_status_and_its_reason(operator, make_client, by, before, asked, after):
    client = make_client()
    Client.objects.update(status=before[0], disabled_reason=before[1])
    api = operator if by == "operator" else api_of(client)

    response = api.patch(ACME, {"status": asked})

    assert (response.json()["status"], response.json()["disabled_reason"]) == after
    assert status_of(client) == after


def test_a_client_cannot_leave_a_disablement_that_an_operator_made(make_client):
    client = make_client()
    disable(client, "operator")

    response = api_of(client).patch(ACME, {"status": "active"})

    assert response.status_code == 422
    assert pointers(response) == ["/status"]
    assert status_of(client) == ("disabled", "operator")


def test_enabling_clears_the_failure_clock_and_keeps_the_planned_times(operator, delivery):
    client = delivery.client
    planned = delivery.created_at + timedelta(hours=2)
    Delivery.objects.update(next_attempt_at=planned)
    Client.objects.update(status="disabled", disabled_reason="failing", failing_since=delivery.created_at)

    operator.patch(ACME, {"status": "active"})

    client.refresh_from_db()
    assert client.failing_since is None
    assert Delivery.objects.get().next_attempt_at == planned


def test_setting_the_status_it_has_keeps_the_failure_clock(operator, make_client):
    make_client()
    failing_since = timezone.now()
    Client.objects.update(failing_since=failing_since)

    operator.patch(ACME, {"status": "active"})

    assert Client.objects.get().failing_since == failing_since


def test_a_deleted_client_is_gone_for_everybody_and_its_history_stays_for_operators(operator, make_client):
    client = make_client()
    api = api_of(client)
    accept()
    delivered = Delivery.objects.get()
    Delivery.objects.update(status="delivered", next_attempt_at=None)
    accept()

    response = operator.delete(ACME)

    assert (response.status_code, response.content) == (204, b"")
    assert operator.get(ACME).status_code == operator.delete(ACME).status_code == 404
    assert operator.get("/v1/clients").json()["results"] == []
    assert api.get(ACME).status_code == 401
    assert not ApiKey.objects.filter(role="client", revoked_at=None).exists()
    history = operator.get("/v1/deliveries?client=acme").json()["results"]
    assert [row["status"] for row in history] == ["cancelled", "delivered"]
    assert operator.get(f"/v1/deliveries/{delivered.public_id}").json()["client"] == "acme"


def test_a_delete_ends_what_a_worker_holds(operator, delivery):
    lease(delivery)

    operator.delete(ACME)

    delivery.refresh_from_db()
    assert (delivery.status, delivery.lease_token, delivery.leased_until) == ("cancelled", None, None)
