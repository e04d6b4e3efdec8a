"""The worker with the HTTP call patched away: what it starts, how it stops, what it survives."""

import signal
import threading
from datetime import timedelta
from unittest import mock

import pytest
from cryptography.fernet import Fernet
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from plumbing.outbound import Answer
from webhooks.models import Attempt, Delivery, DeliveryQuerySet
from webhooks.worker import Worker

from .factories import an_event

OK = Answer(200, {}, b"", None, 5)
TIMED_OUT = Answer(None, {}, b"", "timeout", 15000)
DEADLINE = 10.0  # seconds until a test fails if nothing happens


def work(post=lambda *args: OK, *, concurrency=20, once=True, until_idle=False):
    """Runs a worker whose HTTP call is `post(url, body, headers, client)`."""
    with mock.patch("webhooks.worker.GuardedClient") as http:
        http.return_value.post.side_effect = post
        worker = Worker(concurrency)
        worker.stop_on_signals()
        worker.run(once, until_idle)
    return http.return_value.post


def terminate(*args, number=signal.SIGTERM):
    """An endpoint that stops the worker when it is called."""
    signal.pthread_kill(threading.main_thread().ident, number)
    return OK


def statuses():
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


def failing_at_first(method, *failures):
    """Patches a queryset method so that its first calls fail and the next ones work."""
    waiting, original = list(failures), getattr(DeliveryQuerySet, method)

    def call(self, *args, **kwargs):
        if waiting:
            raise waiting.pop(0)
        return original(self, *args, **kwargs)

    return mock.patch.object(DeliveryQuerySet, method, call)


@pytest.fixture
def no_waiting(monkeypatch):
    monkeypatch.setattr("webhooks.worker.DATABASE_AWAY_SECONDS", 0.0)


def test_what_is_sent_is_the_frozen_body_signed_with_the_current_secret(delivery):
    calls = work()

    url, body, headers, client = calls.call_args.args
    assert (url, client) == ("https://acme.example/hooks", delivery.client_id)
    assert body == bytes(delivery.body)
    assert headers["Content-Type"] == "application/json"
    assert headers["webhook-id"] == delivery.event.public_id
    assert headers["webhook-signature"].startswith("v1,")


def test_once_tries_everything_that_was_due_and_nothing_twice(make_client):
    make_client()
    for _ in range(25):
        an_event().save()

    calls = work(lambda *args: Answer(500, {}, b"", None, 5), concurrency=3)

    assert calls.call_count == 25
    assert Attempt.objects.count() == 25


def test_once_leaves_events_that_are_accepted_while_it_runs(make_client):
    make_client()
    an_event().save()
    record = DeliveryQuerySet.record

    def accept_another(self, answers):
        an_event().save()
        record(self, answers)

    with mock.patch.object(DeliveryQuerySet, "record", accept_another):
        calls = work()

    assert calls.call_count == 1
    assert statuses() == ["delivered", "pending"]


def test_what_is_not_due_is_left(delivery):
    Delivery.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=5))

    assert work().call_count == 0


def test_a_client_that_times_out_on_everything_does_not_hold_up_the_others(make_client):
    slow, quick = make_client(slug="slow"), make_client(slug="quick")
    for _ in range(30):
        an_event().save()
    Delivery.objects.filter(client=quick).exclude(pk=quick.deliveries.last().pk).delete()
    Delivery.objects.filter(client=quick).update(next_attempt_at=timezone.now())
    quick_is_done, lock = threading.Event(), threading.Lock()
    in_flight = peak = 0

    def post(url, *args):
        nonlocal in_flight, peak
        if "quick" in url:
            quick_is_done.set()
            return OK
        with lock:
            in_flight += 1
            peak = max(peak, in_flight)
        waited = quick_is_done.wait(DEADLINE)
        with lock:
            in_flight -= 1
        assert waited
        return TIMED_OUT

    work(post, concurrency=20)

    assert quick.deliveries.get().status == "delivered"
    assert Attempt.objects.filter(delivery__client=slow, error="timeout").count() == 30
    assert peak == 10


def test_no_more_are_held_than_can_be_sent_now(make_client):
    for number in range(5):
        make_client(slug=f"c{number}")
    an_event().save()
    held, record = [], DeliveryQuerySet.record

    def count_held(self, answers):
        held.append(Delivery.objects.filter(leased_until__isnull=False).count())
        record(self, answers)

    with mock.patch.object(DeliveryQuerySet, "record", count_held):
        work(concurrency=2)

    assert max(held) == 2
    assert statuses() == ["delivered"] * 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_is_in_flight_finish_and_starts_nothing_more(make_client, number):
    def unhandled(*_):
        raise AssertionError("the worker took no notice of the signal")

    signal.signal(number, unhandled)
    make_client()
    for _ in range(3):
        an_event().save()

    calls = work(lambda *args: terminate(number=number), concurrency=1, once=False)

    assert calls.call_count == 1
    assert statuses() == ["delivered", "pending", "pending"]


def test_an_unreadable_secret_is_our_fault_and_not_the_clients(delivery, settings, log_lines):
    settings.ENCRYPTION_KEYS = Fernet.generate_key().decode()

    calls = work()

    assert calls.call_count == 0
    assert Attempt.objects.get().error == "interrupted"
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempt_count, delivery.client.failing_since) == ("pending", 1, None)
    assert "secret_unreadable" in [line["event"] for line in log_lines()]


def test_another_clients_secret_is_read_meanwhile(make_client, settings):
    make_client(slug="old")
    settings.ENCRYPTION_KEYS = Fernet.generate_key().decode()
    make_client(slug="new")
    an_event().save()

    calls = work()

    assert [call.args[0] for call in calls.call_args_list] == ["https://new.example/hooks"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failure", [OperationalError("gone"), InterfaceError("closed")])
@pytest.mark.parametrize("method", ["claim_due", "record"])
def test_a_worker_waits_for_a_database_that_is_away(delivery, no_waiting, log_lines, method, failure):
    with failing_at_first(method, failure, failure):
        work(once=False, post=terminate)

    assert statuses() == ["delivered"]
    assert [line["event"] for line in log_lines()].count("database_away") == 2
    assert Attempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["claim_due", "record"])
def test_until_idle_waits_for_a_database_that_is_away(delivery, no_waiting, log_lines, method):
    with failing_at_first(method, OperationalError("gone"), OperationalError("gone")):
        work(once=False, until_idle=True)

    assert statuses() == ["delivered"]
    assert [line["event"] for line in log_lines()].count("database_away") == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_holds_nothing_stops_at_once_though_its_database_is_away(delivery, no_waiting):
    with mock.patch("webhooks.worker.GuardedClient"):
        worker = Worker(20)

    def go_away(*args):
        worker.stopping = True
        raise OperationalError("gone")

    with mock.patch.object(DeliveryQuerySet, "claim_due", go_away):
        worker.run()

    assert statuses() == ["pending"]


@pytest.mark.django_db(transaction=True)
def test_once_fails_where_the_database_is_away_from_the_start(delivery, no_waiting):
    with failing_at_first("claim_due", OperationalError("gone")), pytest.raises(OperationalError):
        work()

    assert statuses() == ["pending"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_stops_does_not_wait_for_ever_for_its_database(delivery, no_waiting, monkeypatch, log_lines):
    monkeypatch.setattr("webhooks.worker.LAST_RECORDING_SECONDS", -1.0)

    with failing_at_first("record", OperationalError("gone")), pytest.raises(OperationalError):
        work()

    assert log_lines()[-1]["event"] == "stopped_without_recording"
    assert statuses() == ["pending"]
    assert Delivery.objects.get().lease_token


def test_an_attempt_is_logged_with_ids_and_the_host_alone(delivery, log_lines):
    delivery.client.endpoint_url = "https://acme.example/hooks?token=hunter2"
    delivery.client.save()

    work(lambda *args: Answer(500, {}, b"zoe@example.com", None, 5))

    (line,) = [line for line in log_lines() if line["event"] == "attempt"]
    assert (line["event_id"], line["delivery_id"]) == (delivery.event.public_id, delivery.public_id)
    assert (line["client"], line["host"]) == ("acme", "acme.example")
    assert (line["response_status"], line["error"]) == (500, "bad_status")
    assert "hunter2" not in str(log_lines()) and "zoe@" not in str(log_lines())
