"""The worker: repeats the delivering use case, and sends in threads.

Only the main thread uses the database. A sending thread gets a value and returns a value, so it needs no connection.
One transaction records all answers that have arrived.
"""

import queue
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from plumbing.logs import get_logger
from plumbing.migrated import is_not_migrated
from webhooks.application import DeliverDue, FinishedAttempt
from webhooks.domain.delivery import ClaimedDelivery
from webhooks.domain.keys import ClientKey

log = get_logger(__name__)

POLL_SECONDS = 0.25
GATHER_SECONDS = 0.03
LULL_SECONDS = 0.003
DATABASE_AWAY_SECONDS = 1.0
LAST_RECORDING_SECONDS = 30.0


class Worker:
    """One process's share of the work. `concurrency` is its largest number of attempts in flight."""

    def __init__(self, deliver_due: DeliverDue, concurrency: int) -> None:
        self.deliver_due = deliver_due
        self.concurrency = concurrency
        self.threads = ThreadPoolExecutor(concurrency, thread_name_prefix="send")
        self.finished: queue.SimpleQueue[FinishedAttempt] = queue.SimpleQueue()
        self.unrecorded: list[FinishedAttempt] = []
        self.in_flight: Counter[ClientKey] = Counter()
        self.stopping = False

    def stop_on_signals(self) -> None:
        """Makes SIGTERM and SIGINT end `run` after the attempts in flight have finished."""

        def stop(*_: object) -> None:
            self.stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def run(self, once: bool = False, until_idle: bool = False) -> None:
        """Works until stopped; with `once`, until all deliveries that were due at the start were tried; with
        `until_idle`, until nothing is due or in flight. Always finishes its claimed deliveries.
        """
        due_by = timezone.now() if once else None
        gives_up_at = None
        while True:
            ending = self.stopping
            try:
                self._start(self._record_and_claim(due_by, ending))
                if not self.in_flight and (once or until_idle or ending):
                    return
                self._collect(POLL_SECONDS)
                gives_up_at = None
            except (OperationalError, InterfaceError) as error:
                if is_not_migrated(error) or (once and not self.in_flight):
                    raise
                if ending and not self.in_flight:
                    return
                log.warning("database_away", exception=type(error).__name__)
                connection.close()
                time.sleep(DATABASE_AWAY_SECONDS)
                gives_up_at = gives_up_at or time.monotonic() + LAST_RECORDING_SECONDS
                if (once or ending) and time.monotonic() > gives_up_at:
                    # The leases expire: the claimed deliveries count as interrupted and are sent again.
                    log.error("stopped_without_recording", attempts=self.in_flight.total())
                    raise

    def _record_and_claim(self, due_by: datetime | None, ending: bool) -> list[ClaimedDelivery]:
        """Records finished attempts, and claims deliveries for the free slots."""
        in_flight = self.in_flight - Counter(
            finished_attempt.delivery.endpoint.client_key for finished_attempt in self.unrecorded
        )
        slots = 0 if ending else self.concurrency - in_flight.total()
        claimed = self.deliver_due.record_and_claim(self.unrecorded, in_flight, slots, due_by)
        self.unrecorded, self.in_flight = [], in_flight + Counter(delivery.endpoint.client_key for delivery in claimed)
        return claimed

    def _start(self, claimed: list[ClaimedDelivery]) -> None:
        for delivery in claimed:
            self.threads.submit(self._send, delivery)

    def _send(self, delivery: ClaimedDelivery) -> None:
        self.finished.put(self.deliver_due.send(delivery))

    def _collect(self, seconds: float) -> None:
        """Waits for a finished attempt, and briefly for more, so that one transaction records them together."""
        try:
            self.unrecorded.append(self.finished.get(timeout=seconds))
            gathered_at = time.monotonic() + GATHER_SECONDS
            while len(self.unrecorded) < self.in_flight.total() and time.monotonic() < gathered_at:
                self.unrecorded.append(self.finished.get(timeout=LULL_SECONDS))
        except queue.Empty:
            pass
