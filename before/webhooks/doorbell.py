"""A signal to the workers that there may be deliveries to send."""

import threading

from django.conf import settings
from django.db import transaction

from plumbing.logs import get_logger

log = get_logger(__name__)


def ring() -> None:
    """Rings after the transaction has committed, when workers can see its rows.

    With the polling engine the workers look without a ring. With Celery a lost ring only costs time, because the
    deliveries are in the table and the beat rings every five seconds.
    """
    if settings.DELIVERY_ENGINE == "celery":
        transaction.on_commit(_doorbell.press, robust=True)


class _Doorbell:
    """Rings from its own thread, so that no request waits for a broker that is down; many presses make one ring."""

    def __init__(self) -> None:
        self._pressed = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def press(self) -> None:
        with self._lock:
            # Started late, because a server forks its processes first and threads do not survive a fork.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._ring, name="doorbell", daemon=True)
                self._thread.start()
        self._pressed.set()

    def _ring(self) -> None:
        while True:
            self._pressed.wait()
            self._pressed.clear()
            send()


def send() -> None:
    """Puts the message into the broker. Never raises an error of its client library: the beat rings, too."""
    from .tasks import look_now

    try:
        look_now.apply_async(retry=False)
    except Exception as error:
        log.warning("broker_away", exception=type(error).__name__)


_doorbell = _Doorbell()
