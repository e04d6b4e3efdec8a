"""The Celery engine: a task carries no state, it only says "look now"."""

import threading

from celery.signals import worker_process_shutdown, worker_shutdown
from django.conf import settings
from django.db import close_old_connections

from config.celery import app
from plumbing.logs import get_logger
from webhooks.process import use_cases

from .worker import Worker

log = get_logger(__name__)

# An attempt ends within 15 seconds, and its recording waits 30 seconds for a database that is away.
STOP_SECONDS = 50


class ProcessWorker:
    """The only worker of a Celery process, in its own thread. Tasks only wake it up.

    So each task ends at once: no ring waits for a client that hangs, and in a pool of threads two tasks never use the
    worker at the same time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rung = threading.Event()
        self._worker: Worker | None = None
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Makes the worker look now; if it is busy, it looks again before it waits."""
        with self._lock:
            # Started late, because Celery forks its processes first and threads do not survive a fork.
            if self._worker is None:
                self._worker = Worker(use_cases().deliver_due, settings.DELIVERY_CONCURRENCY)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, args=(self._worker,), name="deliver", daemon=True)
                self._thread.start()
        self._rung.set()

    def stop(self) -> None:
        """Waits until the attempts in flight have finished."""
        with self._lock:
            if self._worker is None or self._thread is None:
                return
            self._worker.stopping = True
        self._rung.set()
        self._thread.join(STOP_SECONDS)

    def _work(self, worker: Worker) -> None:
        while not worker.stopping:
            self._rung.wait()
            # Clear it before the look, not after: a ring during the look would be lost.
            self._rung.clear()
            close_old_connections()
            try:
                worker.run(until_idle=True)
            except Exception:
                log.exception("delivering_failed")  # the next ring tries again


process_worker = ProcessWorker()


# An explicit name: broker messages contain it, and a rolling deploy has processes of two versions.
@app.task(name="webhooks.look_now", ignore_result=True)
def look_now() -> None:
    """Wakes the worker of this process, which goes on after the task has ended."""
    process_worker.wake()


# The first signal comes from a process of the prefork pool, the second from a worker with another pool.
@worker_process_shutdown.connect
@worker_shutdown.connect
def finish_what_is_in_flight(**kwargs: object) -> None:
    process_worker.stop()
