from datetime import UTC, datetime
from unittest import mock

import pytest

from clients.models import Client
from webhooks.examples import example_event
from webhooks.models import Delivery, Event

from .conftest import pointers
from .factories import an_event

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def post(api, event, key="k1"):
    return api.post("/v1/events", event, headers={"Idempotency-Key": key})


def test_an_event_becomes_a_delivery_for_each_subscribed_client(operator, make_client):
    make_client(slug="acme")
    Client.objects.filter(pk=make_client(slug="other").pk).update(event_types=["payout.paid"])

    response = post(operator, example_event(NOW))

    assert response.status_code == 202
    assert response.json() == {"id": Event.objects.get().public_id, "deliveries": 1}
    assert [delivery.client.slug for delivery in Delivery.objects.all()] == ["acme"]


@pytest.mark.parametrize(
    ("entries", "types"),
    [
        (["*"], ["payment.captured", "payout.paid"]),
        (["payment.*"], ["payment.captured"]),
        (["payment.captured", "payout.paid"], ["payment.captured", "payout.paid"]),
        ([], []),
    ],
)
def test_a_client_gets_the_types_that_it_subscribed_to(make_client, entries, types):
    make_client()
    Client.objects.update(event_types=entries)

    an_event(type="payment.captured").save()
    an_event(type="payout.paid").save()

    assert [delivery.event.type for delivery in Delivery.objects.order_by("pk")] == types


def test_a_disabled_client_gets_rows_and_a_deleted_one_none(make_client):
    make_client(slug="disabled").disable("client")
    make_client(slug="deleted").soft_delete()

    an_event().save()

    delivery = Delivery.objects.get()
    assert (delivery.client.slug, delivery.status) == ("disabled", "pending")


def test_a_client_that_is_deleted_while_an_event_is_accepted_has_nothing_pending(make_client):
    client = make_client()

    with mock.patch("webhooks.models.Event.recipients", return_value=[client]):
        client.soft_delete()
        an_event().save()

    assert Delivery.objects.get().status == "cancelled"


def test_a_skipped_delivery_counts_and_is_never_sent(operator, make_client):
    make_client("slack_blocks")

    response = post(operator, example_event(NOW))

    assert response.json()["deliveries"] == 1
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.skip_reason) == ("skipped", "below_threshold")
    assert (delivery.body, delivery.next_attempt_at) == (None, None)


def test_one_clients_rendering_fails_alone(operator, make_client, log_lines):
    make_client("std_json", slug="good")
    broken = make_client("csv", slug="broken")
    Client.objects.filter(pk=broken.pk).update(format_options={"timezone": "Mars/Phobos"})

    response = post(operator, example_event(NOW))

    assert response.json()["deliveries"] == 2
    statuses = {delivery.client.slug: delivery.status for delivery in Delivery.objects.all()}
    assert statuses == {"good": "pending", "broken": "dead"}
    (line,) = [line for line in log_lines() if line["event"] == "render_failed"]
    assert line["client"] == "broken"
    assert line["delivery_id"] == Delivery.objects.get(status="dead").public_id
    assert "Müller" not in str(log_lines())


def test_the_body_is_frozen_when_the_event_is_accepted(make_client):
    client = make_client("std_json")
    an_event().save()
    before = bytes(Delivery.objects.get().body)

    Client.objects.filter(pk=client.pk).update(format_name="csv", format_options={"mask": ["customer.name"]})

    delivery = Delivery.objects.get()
    assert delivery.request()[1] == before
    assert (delivery.content_type, delivery.ack_rule) == ("application/json", "2xx")


def test_the_same_key_and_body_again_is_a_replay(operator, make_client):
    first = post(operator, example_event(NOW))
    make_client(slug="later")

    again = post(operator, example_event(NOW))

    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert Event.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(operator):
    post(operator, example_event(NOW))

    response = post(operator, example_event(NOW) | {"type": "payout.paid"})

    assert response.status_code == 422
    assert pointers(response) == [""]
    assert "Idempotency-Key" in response.json()["detail"]
    assert Event.objects.count() == 1


def test_the_same_event_in_other_bytes_is_another_body(operator):
    post(operator, example_event(NOW))
    members = dict(reversed(example_event(NOW).items()))

    assert post(operator, members).status_code == 422


def test_a_refused_request_keeps_no_key(operator):
    assert post(operator, example_event(NOW) | {"type": "payment.lost"}).status_code == 422

    assert post(operator, example_event(NOW)).status_code == 202


@pytest.mark.parametrize("key", ["", "k" * 256, "a b", "é", "tab\t"])
def test_a_key_is_1_to_255_visible_characters(operator, key):
    response = post(operator, example_event(NOW), key=key)

    assert response.status_code == 400
    assert "Idempotency-Key" in response.json()["detail"]
    assert not Event.objects.exists()


def test_without_a_key_an_event_is_refused(operator):
    assert operator.post("/v1/events", example_event(NOW)).status_code == 400


def test_a_key_may_be_255_characters_long_and_is_compared_whole(operator):
    assert post(operator, example_event(NOW), key="k" * 255).status_code == 202
    assert post(operator, example_event(NOW), key="k" * 254).status_code == 202
    assert Event.objects.count() == 2


@pytest.mark.parametrize("clients", [1, 1000])
def test_accepting_an_event_takes_as_many_queries_for_many_clients(
    operator, make_client, django_assert_max_num_queries, clients
):
    acme = make_client()
    for number in range(1, clients):
        acme.pk, acme.slug = None, f"c{number}"
        acme.save()

    with django_assert_max_num_queries(8):
        post(operator, example_event(NOW))

    assert Delivery.objects.count() == clients
