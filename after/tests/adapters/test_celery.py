"""The Celery engine: who rings the doorbell, when, and what a ring starts."""

import logging.config
import threading

import pytest
from celery.signals import setup_logging
from django.conf import settings as django_settings
from kombu.exceptions import OperationalError

from config.celery import app
from tests.fakes.sender import ACCEPTED
from tests.web import POSTED, accept
from webhooks.adapters import doorbell, tasks
from webhooks.models import Delivery

from .working import DEADLINE


class Broker:
    """What takes the rings. While its gate is closed, it does not answer."""

    def __init__(self):
        self.gate, self.rung = threading.Event(), threading.Event()
        self.gate.set()

    def take(self, **options):
        assert self.gate.wait(DEADLINE)
        self.rung.set()


@pytest.fixture
def broker(settings, monkeypatch):
    """The broker of a server that delivers with Celery. Celery itself is the port here: its task is what we replace."""
    settings.DELIVERY_ENGINE = "celery"
    broker = Broker()
    monkeypatch.setattr(tasks.look_now, "apply_async", broker.take)
    return broker


def post(api):
    return api.post("/v1/events", POSTED, headers={"Idempotency-Key": "k"})


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
def test_a_broker_that_is_away_loses_nothing(delivery, broker, log_lines, monkeypatch, failure):
    def fail(**options):
        raise failure

    monkeypatch.setattr(tasks.look_now, "apply_async", fail)

    doorbell.send()

    assert Delivery.objects.get().status == "pending"
    assert [line["event"] for line in log_lines()] == ["broker_away"]


def test_a_ring_sends_what_is_due(make_client, broker, sender):
    make_client()
    for _ in range(25):
        accept()

    tasks.look_now()

    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}
    assert not broker.rung.is_set()


def test_a_ring_that_takes_too_long_hands_on_to_the_next(delivery, broker, sender, monkeypatch):
    monkeypatch.setattr(tasks, "DRAIN_SECONDS", -1)

    tasks.look_now()

    assert Delivery.objects.get().status == "pending"
    assert broker.rung.is_set()


def test_a_process_keeps_its_worker_from_ring_to_ring(delivery, broker, sender):
    threads = []

    def answers(outgoing):
        threads.append(threading.current_thread().name)
        return ACCEPTED

    sender.answers = answers
    tasks.look_now()
    first = tasks.process_worker()
    accept()
    tasks.look_now()

    assert tasks.process_worker() is first
    assert len(threads) == 2


def test_the_beat_rings_every_five_seconds_by_the_name_of_the_task():
    (entry,) = django_settings.CELERY_BEAT_SCHEDULE.values()

    assert entry["schedule"] == 5.0
    assert app.tasks[entry["task"]] is tasks.look_now._get_current_object()


def test_celery_does_not_put_its_own_log_format_in_the_place_of_ours(monkeypatch):
    configured = []
    monkeypatch.setattr(logging.config, "dictConfig", configured.append)

    setup_logging.send(sender=None)

    assert configured == [django_settings.LOGGING]
