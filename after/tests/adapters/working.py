"""Runs workers in a test."""

import signal
import threading

from tests.fakes.sender import ACCEPTED
from webhooks.adapters.worker import Worker
from webhooks.domain.answers import AttemptError, ClientAnswer, NoAnswer
from webhooks.models import Delivery
from webhooks.process import use_cases

FAILED = ClientAnswer(500, duration_ms=5)
TIMED_OUT = NoAnswer(AttemptError.TIMEOUT, duration_ms=15000)
DEADLINE = 10.0  # seconds until a test fails if nothing happens


def work(*, concurrency=20, once=True, until_idle=False):
    """What `manage.py deliver` does."""
    worker = Worker(use_cases().deliver_due, concurrency)
    worker.stop_on_signals()
    worker.run(once, until_idle)


def terminate(request=None, number=signal.SIGTERM):
    """An endpoint that stops the worker when it is called."""
    signal.pthread_kill(threading.main_thread().ident, number)
    return ACCEPTED


def statuses():
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))
