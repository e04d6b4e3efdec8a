"""The worker around the delivering use case: what it starts, how it stops, what it survives."""

import signal
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from tests.fakes.sender import ACCEPTED
from tests.web import accept
from webhooks.adapters import worker
from webhooks.adapters.orm.deliveries import OrmAttemptRecords, OrmDueDeliveries
from webhooks.models import Attempt, Delivery
from webhooks.process import use_cases

from .working import DEADLINE, FAILED, TIMED_OUT, statuses, terminate, work

pytestmark = pytest.mark.timeout(60)  # a worker that does not stop ends here


class DueDeliveries(OrmDueDeliveries):
    """The real repository, and an action of a test before each query."""

    def __init__(self, before):
        self.before = before

    def queues(self, *args, **options):
        self.before()
        return super().queues(*args, **options)


class AttemptRecords(OrmAttemptRecords):
    """The real repository, and an action of a test before each recording."""

    def __init__(self, before):
        self.before = before

    def record(self, outcomes):
        self.before()
        super().record(outcomes)


def put_in(queues=None, record=None):
    installed = use_cases()
    changes = {"due_deliveries": DueDeliveries(queues)} if queues else {}
    changes |= {"attempt_records": AttemptRecords(record)} if record else {}
    apps.get_app_config("webhooks").use_cases = replace(
        installed, deliver_due=replace(installed.deliver_due, **changes)
    )


def failing(*failures):
    """Fails in this way at first, and then no longer."""
    waiting = list(failures)

    def fail():
        if waiting:
            raise waiting.pop(0)

    return fail


@pytest.fixture
def no_waiting(monkeypatch):
    monkeypatch.setattr(worker, "DATABASE_AWAY_SECONDS", 0.0)


def test_once_tries_everything_that_was_due_and_nothing_twice(make_client, sender):
    make_client()
    for _ in range(25):
        accept()
    sender.answers = lambda request: FAILED

    work(concurrency=3)

    assert len(sender.sent) == Attempt.objects.count() == 25


def test_once_leaves_events_that_are_accepted_while_it_runs(make_client, sender):
    make_client()
    accept()
    put_in(record=accept)

    work()

    assert len(sender.sent) == 1
    assert statuses() == ["delivered", "pending"]


def test_what_is_not_due_is_left(delivery, sender):
    Delivery.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=5))

    work()

    assert sender.sent == []


def test_a_client_that_times_out_on_everything_does_not_hold_up_the_others(make_client, sender):
    slow, quick = make_client(slug="slow"), make_client(slug="quick")
    for _ in range(30):
        accept()
    Delivery.objects.filter(client=quick).exclude(pk=quick.deliveries.last().pk).delete()
    Delivery.objects.filter(client=quick).update(next_attempt_at=timezone.now())
    quick_is_done, lock = threading.Event(), threading.Lock()
    in_flight = peak = 0

    def answers(request):
        nonlocal in_flight, peak
        if "quick" in request.url:
            quick_is_done.set()
            return ACCEPTED
        with lock:
            in_flight += 1
            peak = max(peak, in_flight)
        waited = quick_is_done.wait(DEADLINE)
        with lock:
            in_flight -= 1
        return TIMED_OUT if waited else ACCEPTED

    sender.answers = answers
    work(concurrency=20)

    assert quick.deliveries.get().status == "delivered"
    assert Attempt.objects.filter(delivery__client=slow, error="timeout").count() == 30
    assert peak == 10


def test_no_more_are_held_than_can_be_sent_now(make_client, sender):
    for number in range(5):
        make_client(slug=f"c{number}")
    accept()
    held = []
    put_in(record=lambda: held.append(Delivery.objects.filter(leased_until__isnull=False).count()))

    work(concurrency=2)

    assert max(held) == 2
    assert statuses() == ["delivered"] * 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_is_in_flight_finish_and_starts_nothing_more(make_client, sender, number):
    unhandled = []
    signal.signal(number, lambda *_: unhandled.append(number))
    make_client()
    for _ in range(3):
        accept()
    sender.answers = lambda request: terminate(number=number)

    work(concurrency=1, once=False)

    assert (len(sender.sent), unhandled) == (1, [])
    assert statuses() == ["delivered", "pending", "pending"]


def test_an_unreadable_secret_does_not_stop_other_clients(make_client, settings, server):
    make_client(slug="old")
    settings.ENCRYPTION_KEYS = Fernet.generate_key().decode()
    make_client(slug="new")
    accept()

    work()

    outcomes = Attempt.objects.values_list("delivery__client__slug", "error")
    assert dict(outcomes) == {"old": "interrupted", "new": "connect"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failure", [OperationalError("gone"), InterfaceError("closed")])
@pytest.mark.parametrize("method", ["queues", "record"])
def test_a_worker_waits_for_a_database_that_is_away(delivery, sender, no_waiting, log_lines, method, failure):
    sender.answers = terminate
    put_in(**{method: failing(failure, failure)})

    work(once=False)

    assert statuses() == ["delivered"]
    assert [line["event"] for line in log_lines()].count("database_away") == 2
    assert Attempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["queues", "record"])
def test_until_idle_waits_for_a_database_that_is_away(delivery, sender, no_waiting, log_lines, method):
    put_in(**{method: failing(OperationalError("gone"), OperationalError("gone"))})

    work(once=False, until_idle=True)

    assert statuses() == ["delivered"]
    assert [line["event"] for line in log_lines()].count("database_away") == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_holds_nothing_stops_at_once_though_its_database_is_away(delivery, sender, no_waiting):
    def go_away():
        stopping.stopping = True
        raise OperationalError("gone")

    put_in(queues=go_away)
    stopping = worker.Worker(use_cases().deliver_due, 20)

    stopping.run()

    assert statuses() == ["pending"]


@pytest.mark.django_db(transaction=True)
def test_once_fails_where_the_database_is_away_from_the_start(delivery, sender, no_waiting):
    put_in(queues=failing(OperationalError("gone")))

    with pytest.raises(OperationalError):
        work()

    assert statuses() == ["pending"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_stops_does_not_wait_for_ever_for_its_database(
    delivery, sender, no_waiting, monkeypatch, log_lines
):
    monkeypatch.setattr(worker, "LAST_RECORDING_SECONDS", -1.0)
    put_in(record=failing(OperationalError("gone")))

    with pytest.raises(OperationalError):
        work()

    assert log_lines()[-1]["event"] == "stopped_without_recording"
    assert statuses() == ["pending"]
    assert Delivery.objects.get().lease_token
