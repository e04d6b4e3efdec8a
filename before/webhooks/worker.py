"""The worker: claims due deliveries, sends them in threads, records the answers.

Only the main thread uses the database. A sending thread gets plain values and returns plain values, so it needs no
connection, and one transaction records all answers that have arrived.
"""

import queue
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from plumbing.logs import get_logger
from plumbing.migrated import is_not_migrated
from plumbing.outbound import Answer, GuardedClient, host_of

from .models import Attempt, Delivery

log = get_logger(__name__)

POLL_SECONDS = 0.25
GATHER_SECONDS = 0.03
LULL_SECONDS = 0.003
DATABASE_AWAY_SECONDS = 1.0
LAST_RECORDING_SECONDS = 30.0


class Worker:
    """One process's share of the work. `concurrency` is its largest number of attempts in flight."""

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency
        self.http = GuardedClient(settings.ALLOWED_NETWORKS)
        self.threads = ThreadPoolExecutor(concurrency, thread_name_prefix="send")
        self.finished: queue.SimpleQueue = queue.SimpleQueue()
        self.unrecorded: list = []
        self.in_flight: Counter[int] = Counter()
        self.stopping = False

    def stop_on_signals(self) -> None:
        """Makes SIGTERM and SIGINT end `run` after the attempts in flight have finished."""

        def stop(*_) -> None:
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
                claimed = self._record_and_claim(due_by, ending)
                self._start(claimed)
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

    def _record_and_claim(self, due_by, ending: bool) -> list[Delivery]:
        """Records finished attempts and claims deliveries for the free slots, in one transaction with one commit."""
        finished = Counter(delivery.client_id for delivery, _, _ in self.unrecorded)
        in_flight = self.in_flight - finished
        # A look without a result should not take SQLite's only write lock.
        with transaction.atomic() if self.unrecorded else nullcontext():
            if self.unrecorded:
                Delivery.objects.record(self.unrecorded)
            slots = 0 if ending else self.concurrency - in_flight.total()
            claimed = Delivery.objects.claim_due(slots, in_flight, due_by) if slots else []
        for delivery, attempt, _ in self.unrecorded:
            log.info(
                "attempt",
                event_id=delivery.event.public_id,
                delivery_id=delivery.public_id,
                client=delivery.client.slug,
                host=host_of(delivery.client.endpoint_url),
                response_status=attempt.response_status,
                error=attempt.error,
                duration_ms=attempt.duration_ms,
            )
        self.unrecorded, self.in_flight = [], in_flight + Counter(delivery.client_id for delivery in claimed)
        return claimed

    def _start(self, claimed: list[Delivery]) -> None:
        for delivery in claimed:
            started_at = timezone.now()
            try:
                url, body, headers = delivery.request()
            except InvalidToken:
                # Our fault, not the client's: WEBHOOKS_ENCRYPTION_KEYS lacks the key of its secret.
                log.error("secret_unreadable", delivery_id=delivery.public_id, client=delivery.client.slug)
                answer = Answer(None, {}, b"", Attempt.Error.INTERRUPTED, 0)
                self.finished.put((delivery, delivery.attempt_from(started_at, answer), answer))
            else:
                self.threads.submit(self._send, delivery, started_at, url, body, headers)

    def _send(self, delivery, started_at, url, body, headers) -> None:
        answer = self.http.post(url, body, headers, delivery.client_id)
        # Judged in this thread, because judging the ack takes time and all deliveries share the main thread.
        self.finished.put((delivery, delivery.attempt_from(started_at, answer), answer))

    def _collect(self, seconds: float) -> None:
        """Waits for a finished attempt, and briefly for more, so that one transaction records them together."""
        try:
            self.unrecorded.append(self.finished.get(timeout=seconds))
            gathered_at = time.monotonic() + GATHER_SECONDS
            while len(self.unrecorded) < self.in_flight.total() and time.monotonic() < gathered_at:
                self.unrecorded.append(self.finished.get(timeout=LULL_SECONDS))
        except queue.Empty:
            pass
