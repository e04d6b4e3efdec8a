"""The Celery engine: which code rings the doorbell, when, and what a ring starts."""

import logging.config
import queue
import threading
from types import SimpleNamespace

import pytest
from celery.signals import setup_logging, worker_process_shutdown, worker_shutdown
from django.conf import settings as django_settings
from kombu.exceptions import OperationalError
from kombu.utils import symbol_by_name

from config.celery import app, refuse_other_pools
from config.consumer import Consumer
from tests.web import POSTED
from webhooks.adapters import doorbell, tasks
from webhooks.models import Delivery

from .working import DEADLINE


class Broker:
    """The receiver of the rings. While its gate is closed, it does not answer."""

    def __init__(self):
        self.gate, self.rung = threading.Event(), threading.Event()
        self.gate.set()

    def take(self, **options):
        assert self.gate.wait(DEADLINE)
        self.rung.set()


@pytest.fixture
def broker(settings, monkeypatch):
    """The broker of a server that delivers with Celery. The tests replace Celery's task."""
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


class Worker:
    """A fake worker. While its gate is closed, it is busy."""

    made = 0

    def __init__(self, deliver_due, concurrency):
        type(self).made += 1
        self.gate = threading.Event()
        self.gate.set()
        self.turns, self.threads = queue.SimpleQueue(), set()
        self.failures, self.stopping = [], False

    def run(self, until_idle):
        assert until_idle
        self.threads.add(threading.current_thread())
        self.turns.put("began")
        assert self.gate.wait(DEADLINE)
        if self.failures:
            raise self.failures.pop()
        self.turns.put("ended")


@pytest.fixture
def process(monkeypatch):
    """The worker of a Celery process that starts here and ends here."""
    process = tasks.ProcessWorker()
    monkeypatch.setattr(tasks, "process_worker", process)
    monkeypatch.setattr(tasks, "Worker", Worker)
    monkeypatch.setattr(Worker, "made", 0)
    yield process
    process.stop()


def next_turn(process):
    return process._worker.turns.get(timeout=DEADLINE)


def test_a_ring_starts_a_turn_and_does_not_wait_for_it(process):
    tasks.look_now()
    assert (next_turn(process), next_turn(process)) == ("began", "ended")
    process._worker.gate.clear()

    for _ in range(3):
        tasks.look_now()

    assert next_turn(process) == "began"


def test_a_ring_during_a_turn_starts_another_one_afterwards(process):
    tasks.look_now()
    next_turn(process), next_turn(process)
    process._worker.gate.clear()
    tasks.look_now()
    assert next_turn(process) == "began"

    tasks.look_now()
    process._worker.gate.set()

    assert [next_turn(process) for _ in range(3)] == ["ended", "began", "ended"]


def test_the_tasks_of_a_pool_of_threads_share_one_worker_that_works_in_one_thread(process):
    start = threading.Barrier(8)

    def ring():
        start.wait(DEADLINE)
        tasks.look_now()

    pool = [threading.Thread(target=ring) for _ in range(8)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join(DEADLINE)
    next_turn(process), next_turn(process)

    assert tasks.Worker.made == 1
    assert process._worker.threads == {process._thread}


def test_a_turn_that_fails_is_logged_and_the_next_ring_starts_another(process, log_lines):
    tasks.look_now()
    next_turn(process), next_turn(process)
    process._worker.failures = [RuntimeError("surprise")]
    tasks.look_now()
    assert next_turn(process) == "began"

    tasks.look_now()

    assert (next_turn(process), next_turn(process)) == ("began", "ended")
    (line,) = [line for line in log_lines() if line["event"] == "delivering_failed"]
    assert line["exception"] == "RuntimeError"


@pytest.mark.parametrize("ending", [worker_process_shutdown, worker_shutdown])
def test_the_end_of_a_process_waits_for_what_is_in_flight(process, ending):
    tasks.look_now()
    next_turn(process), next_turn(process)
    process._worker.gate.clear()
    tasks.look_now()
    assert next_turn(process) == "began"
    shutdown = threading.Thread(target=ending.send, args=(None,))

    shutdown.start()
    waits = shutdown.is_alive()
    process._worker.gate.set()
    shutdown.join(DEADLINE)

    assert waits and not shutdown.is_alive()
    assert next_turn(process) == "ended"
    assert not process._thread.is_alive()


def test_the_end_of_a_process_that_never_rang_waits_for_nothing(process):
    worker_shutdown.send(None)

    assert process._thread is None


def test_the_beat_rings_every_five_seconds_by_the_name_of_the_task():
    (entry,) = django_settings.CELERY_BEAT_SCHEDULE.values()

    assert entry["schedule"] == 5.0
    assert app.tasks[entry["task"]] is tasks.look_now._get_current_object()


@pytest.mark.parametrize("pool", ["prefork", "threads", "solo"])
def test_a_worker_starts_with_a_pool_of_real_threads(pool):
    refuse_other_pools(SimpleNamespace(pool_cls=pool))


def test_a_worker_with_another_pool_ends_with_a_sentence():
    with pytest.raises(SystemExit, match=r"^The pool 'base' cannot run this worker\. Start it with --pool prefork,"):
        refuse_other_pools(SimpleNamespace(pool_cls="celery.concurrency.base:BasePool"))


def test_a_worker_connects_again_to_a_broker_that_refuses_to_write():
    assert app.conf.broker_channel_error_retry
    assert symbol_by_name(app.conf.worker_consumer) is Consumer


def test_a_connection_to_a_broker_that_refuses_to_write_is_closed():
    released = []

    def refuse(*_):
        raise OperationalError("read only")

    refusing = SimpleNamespace(
        transport=SimpleNamespace(register_with_event_loop=refuse), connection=None, release=lambda: released.append(1)
    )
    consumer = SimpleNamespace(connection_for_read=lambda **_: refusing, hub=object(), amqheartbeat=None)

    with pytest.raises(OperationalError):
        Consumer.connect(consumer)

    assert released == [1]


def test_celery_does_not_put_its_own_log_format_in_the_place_of_ours(monkeypatch):
    configured = []
    monkeypatch.setattr(logging.config, "dictConfig", configured.append)

    setup_logging.send(sender=None)

    assert configured == [django_settings.LOGGING]
