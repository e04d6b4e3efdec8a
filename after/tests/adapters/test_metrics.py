from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Client
from tests.web import accept, disable
from webhooks.models import Attempt, Delivery


def metric(client, name):
    """The value of `name` or `name{label="x"}` in a scrape."""
    lines = client.get("/metrics").content.decode().splitlines()
    return {key: float(value) for key, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}[name]


def test_the_answer_is_prometheus_text(client, db):
    response = client.get("/metrics")

    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert b"# TYPE webhooks_deliveries gauge" in response.content


def test_deliveries_are_counted_by_status_and_zeros_are_written(client, make_client):
    make_client("slack_blocks", slug="slack")
    make_client(slug="acme")
    accept()
    accept()

    assert metric(client, 'webhooks_deliveries{status="pending"}') == 2
    assert metric(client, 'webhooks_deliveries{status="skipped"}') == 2
    assert metric(client, 'webhooks_deliveries{status="dead"}') == 0


def test_attempts_of_the_last_hour_are_counted_by_outcome(client, delivery):
    now = timezone.now()
    for minutes, error in ((1, None), (59, None), (61, None), (2, "timeout")):
        Attempt.objects.create(
            delivery=delivery, started_at=now - timedelta(minutes=minutes), duration_ms=1, error=error
        )

    assert metric(client, 'webhooks_attempts_last_hour{outcome="acknowledged"}') == 2
    assert metric(client, 'webhooks_attempts_last_hour{outcome="timeout"}') == 1
    assert metric(client, 'webhooks_attempts_last_hour{outcome="interrupted"}') == 0


def test_the_oldest_due_delivery_tells_its_wait(client, delivery):
    Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=40))

    assert 40 <= metric(client, "webhooks_oldest_due_seconds") < 50


@pytest.mark.parametrize("why", ["nothing is due", "a worker holds it", "its client is disabled"])
def test_deliveries_that_no_worker_may_take_do_not_count_as_waiting(client, delivery, why):
    now = timezone.now()
    Delivery.objects.update(next_attempt_at=now - timedelta(seconds=40))
    if why == "nothing is due":
        Delivery.objects.update(next_attempt_at=now + timedelta(seconds=40))
    elif why == "a worker holds it":
        Delivery.objects.update(leased_until=now + timedelta(seconds=40))
    else:
        disable(delivery.client, "failing")

    assert metric(client, "webhooks_oldest_due_seconds") == 0


def test_clients_are_counted_by_status_without_the_deleted_ones(client, make_client):
    make_client(slug="a")
    disable(make_client(slug="b"), "gone")
    make_client(slug="c").soft_delete()

    assert metric(client, 'webhooks_clients{status="active"}') == 1
    assert metric(client, 'webhooks_clients{status="disabled"}') == 1


def test_no_label_names_a_client(client, make_client):
    make_client(slug="nordlys")
    accept()

    assert Client.objects.get().slug not in client.get("/metrics").content.decode()
