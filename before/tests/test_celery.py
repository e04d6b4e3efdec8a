"""The Celery engine: who rings the doorbell, when, and what a ring starts."""

import threading
from datetime import UTC, datetime, timedelta
from logging.config import dictConfig
from unittest import mock

import pytest
from celery.signals import setup_logging
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from config.celery import app
from plumbing.fields import rfc3339
from plumbing.outbound import Answer
from webhooks import doorbell, tasks
from webhooks.examples import example_event
from webhooks.models import Delivery

from .factories import an_event

OK = Answer(200, {}, b"", None, 5)
DEADLINE = 10.0  # seconds, for what must happen at all


class Broker:
    """What takes the rings. While its gate is closed, it does not answer."""

    def __init__(self):
        self.gate, self.rung = threading.Event(), threading.Event()
        self.gate.set()

    def take(self, **options):
        assert self.gate.wait(DEADLINE)
        self.rung.set()


@pytest.fixture
def broker(settings):
    """The broker of a server that delivers with Celery."""
    settings.DELIVERY_ENGINE = "celery"
    broker = Broker()
    with mock.patch("webhooks.tasks.look_now.apply_async", side_effect=broker.take):
        yield broker


@pytest.fixture
def http():
    """The HTTP call of a Celery process that starts here and ends here."""
    tasks.process_worker.cache_clear()
    with mock.patch("webhooks.worker.GuardedClient") as client:
        client.return_value.post.return_value = OK
        yield client
    tasks.process_worker.cache_clear()


def post(api):
    event = example_event(datetime(2026, 11, 22, tzinfo=UTC))
    return api.post("/v1/events", event, headers={"Idempotency-Key": "k"})


def test_an_accepted_event_rings_once_it_is_committed(
    operator, make_client, broker, django_capture_on_commit_callbacks
):
    make_client()

    with django_capture_on_commit_callbacks() as after_commit:
        post(operator)
    rung_before_the_commit = broker.rung.is_set()
    for callback in after_commit:
        callback()

    assert not rung_before_the_commit
    assert broker.rung.wait(DEADLINE)


def test_what_is_rolled_back_does_not_ring(make_client, broker, django_capture_on_commit_callbacks):
    make_client()

    with django_capture_on_commit_callbacks() as after_commit, transaction.atomic():
        an_event().save()
        transaction.set_rollback(True)

    assert after_commit == []


@pytest.mark.parametrize("call", ["retry", "recover", "test"])
def test_what_makes_a_delivery_due_rings(operator, delivery, broker, django_capture_on_commit_callbacks, call):
    Delivery.objects.update(status="dead", next_attempt_at=None)
    path = f"/v1/deliveries/{delivery.public_id}/retry" if call == "retry" else f"/v1/clients/acme/{call}"
    day = timedelta(days=1)
    period = {"since": rfc3339(timezone.now() - day), "until": rfc3339(timezone.now() + day)}

    with django_capture_on_commit_callbacks(execute=True):
        response = operator.post(path, period if call == "recover" else {})

    assert response.status_code == 202
    assert broker.rung.wait(DEADLINE)


def test_a_polling_server_needs_no_bell(operator, make_client, django_capture_on_commit_callbacks):
    make_client()

    with django_capture_on_commit_callbacks() as after_commit:
        post(operator)

    assert after_commit == []


def test_nobody_waits_for_a_broker_that_does_not_answer(
    operator, make_client, broker, django_capture_on_commit_callbacks
):
    make_client()
    broker.gate.clear()

    with django_capture_on_commit_callbacks(execute=True):
        response = post(operator)
    rung_before_the_answer = broker.rung.is_set()
    broker.gate.set()

    assert (response.status_code, rung_before_the_answer) == (202, False)
    assert broker.rung.wait(DEADLINE)


@pytest.mark.parametrize("failure", [OperationalError("connection refused"), RuntimeError("surprise")])
def test_a_broker_that_is_away_loses_nothing(delivery, broker, log_lines, failure):
    with mock.patch("webhooks.tasks.look_now.apply_async", side_effect=failure):
        doorbell.send()

    assert Delivery.objects.get().status == "pending"
    assert [line["event"] for line in log_lines()] == ["broker_away"]


def test_a_ring_sends_what_is_due(make_client, broker, http):
    make_client()
    for _ in range(25):
        an_event().save()

    tasks.look_now()

    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}
    assert not broker.rung.is_set()


def test_a_ring_that_takes_too_long_hands_on_to_the_next(delivery, broker, http, monkeypatch):
    monkeypatch.setattr(tasks, "DRAIN_SECONDS", -1)

    tasks.look_now()

    assert Delivery.objects.get().status == "pending"
    assert broker.rung.is_set()


def test_a_process_keeps_its_connections_from_ring_to_ring(delivery, broker, http):
    tasks.look_now()
    an_event().save()
    tasks.look_now()

    assert http.call_count == 1
    assert http.return_value.post.call_count == 2


def test_the_beat_rings_every_five_seconds_by_the_name_of_the_task():
    (entry,) = django_settings.CELERY_BEAT_SCHEDULE.values()

    assert entry["schedule"] == 5.0
    assert app.tasks[entry["task"]] is tasks.look_now._get_current_object()


def test_a_worker_waits_for_its_broker_for_as_long_as_it_takes():
    assert app.conf.broker_connection_max_retries is None


def test_celery_does_not_put_its_own_log_format_in_the_place_of_ours():
    with mock.patch("logging.config.dictConfig", wraps=dictConfig) as configured:
        setup_logging.send(sender=None)

    assert configured.call_args.args == (django_settings.LOGGING,)
