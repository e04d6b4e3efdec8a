"""Deliver due deliveries: claim under a lease, send, record. After a crash, a delivery may be sent twice, never lost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plumbing.logs import get_logger
from webhooks.domain.answers import AttemptError, ClientAnswer, NoAnswer
from webhooks.domain.client import Health
from webhooks.domain.delivery import (
    LEASE,
    Attempt,
    AttemptOutcome,
    ClaimedDelivery,
    DeadLetter,
    DueCondition,
    LateAnswer,
    Lease,
    attempt_from,
    outcome_of,
    outcome_of_interruption,
)
from webhooks.domain.fairness import IN_FLIGHT_PER_CLIENT, fair_share
from webhooks.domain.keys import ClientKey, DeliveryKey
from webhooks.domain.retrying import RETRIES, RetryPolicy

from .ports import (
    AttemptRecords,
    Clients,
    ClientState,
    Clock,
    DueDeliveries,
    OutgoingRequest,
    Randomness,
    SecretUnreadable,
    Sender,
    Transaction,
)

log = get_logger(__name__)


@dataclass(frozen=True)
class FinishedAttempt:
    """A sent delivery and the outcome of its attempt."""

    delivery: ClaimedDelivery
    attempt: Attempt
    answer: ClientAnswer | NoAnswer


@dataclass(frozen=True)
class DeliverDue:
    """The work of a worker, without its threads.

    `record_and_claim` and `send` take turns: claimed deliveries are sent outside of any transaction, from any thread,
    and passed to the next `record_and_claim`. The leases of a worker that is killed between the two expire; the next
    worker that claims those deliveries records the interruption.
    """

    due_deliveries: DueDeliveries
    attempt_records: AttemptRecords
    clients: Clients
    sender: Sender
    transaction: Transaction
    clock: Clock
    randomness: Randomness
    retries: RetryPolicy = RETRIES

    def record_and_claim(
        self,
        finished: Sequence[FinishedAttempt],
        in_flight: Counter[ClientKey],
        slots: int,
        due_by: datetime | None = None,
    ) -> list[ClaimedDelivery]:
        """Records finished attempts and claims deliveries for the free slots, in one transaction with one commit.

        `in_flight` counts the worker's attempts in flight by client, `slots` is the number that it can still start.
        """
        if not finished:
            return self._claim(in_flight, slots, due_by)
        with self.transaction():
            self._record(finished)
            claimed = self._claim(in_flight, slots, due_by)
        for finished_attempt in finished:
            _log_attempt(finished_attempt.delivery, finished_attempt.attempt)
        return claimed

    def send(self, delivery: ClaimedDelivery) -> FinishedAttempt:
        """Sends a delivery's frozen body to the URL that the client had at the claim."""
        started_at, endpoint = self.clock.now(), delivery.endpoint
        secrets = endpoint.secrets_at(started_at)
        try:
            answer = self.sender.send(
                OutgoingRequest(
                    endpoint.client_key, endpoint.url, delivery.event_id, delivery.content_type, delivery.body, secrets
                )
            )
        except SecretUnreadable:
            # Our fault, not the client's: WEBHOOKS_ENCRYPTION_KEYS lacks the key of its secret.
            log.error("secret_unreadable", delivery_id=delivery.id, client=endpoint.slug)
            answer = NoAnswer(AttemptError.INTERRUPTED)
        # Judged in this thread, because judging the ack takes time and all deliveries share the main thread.
        return FinishedAttempt(delivery, attempt_from(delivery, started_at, answer), answer)

    def _claim(self, in_flight: Counter[ClientKey], slots: int, due_by: datetime | None) -> list[ClaimedDelivery]:
        if not slots:
            return []
        now = self.clock.now()
        due = DueCondition(now, due_by or now)
        busy = [client_key for client_key, count in in_flight.items() if count >= IN_FLIGHT_PER_CLIENT]
        queues = self.due_deliveries.queues(due, limit=slots + len(in_flight), without=busy)
        keys = fair_share(queues, slots, in_flight)
        if not keys:
            return []
        with self.transaction():
            lease = Lease(self.randomness.lease_token(), now + LEASE)
            claimed = self.due_deliveries.lease(keys, queues, lease, due)
            lost = [
                outcome_of_interruption(delivery, delivery.lost_lease, now, self.retries)
                for delivery in claimed
                if delivery.lost_lease
            ]
            if lost:
                self.attempt_records.record(lost)
        dead = {outcome.attempt.delivery_key for outcome in lost if isinstance(outcome, DeadLetter)}
        counted = {outcome.attempt.delivery_key: outcome.attempts_in_round for outcome in lost}
        for delivery in claimed:
            if delivery.lost_lease:
                ids = {"delivery_id": delivery.id, "event_id": delivery.event_id, "client": delivery.endpoint.slug}
                log.warning("interrupted", **ids)
        alive = [_counted(delivery, counted) for delivery in claimed if delivery.key not in dead]
        if claimed and not alive:  # all were at their eighth attempt: others may be due after them
            return self._claim(in_flight, slots, due_by)
        return alive

    def _record(self, finished: Sequence[FinishedAttempt]) -> None:
        """Records finished attempts in the order in which they ended."""
        now = self.clock.now()
        clients = self.clients.lock({finished_attempt.delivery.endpoint.client_key for finished_attempt in finished})
        tokens = self.attempt_records.lock_tokens([finished_attempt.delivery.key for finished_attempt in finished])
        health = {key: client.health for key, client in clients.items()}
        outcomes: list[AttemptOutcome] = []
        for finished_attempt in finished:
            delivery, attempt = finished_attempt.delivery, finished_attempt.attempt
            if delivery.key not in tokens:
                continue  # pruned since
            if tokens[delivery.key] != delivery.lease.token:
                outcomes.append(LateAnswer(attempt))
                continue
            outcomes.append(self._outcome_of(finished_attempt, now))
            client_key = delivery.endpoint.client_key
            health[client_key] = self._health_after(health[client_key], client_key, attempt, now)
        self.attempt_records.record(outcomes)
        for key, client in clients.items():
            self._save(client, health[key])

    def _health_after(self, health: Health, client_key: ClientKey, attempt: Attempt, now: datetime) -> Health:
        days: set[int] = set()
        if attempt.error and health.is_active and health.failing_since and health.has_failed_for_long(now):
            days = self.attempt_records.failed_days(client_key, health.failing_since, now)
        return health.after_attempt(attempt.error, attempt.response_status, now, days)

    def _outcome_of(self, finished: FinishedAttempt, now: datetime) -> AttemptOutcome:
        factor = self.randomness.jitter_factor(self.retries.jitter) if finished.attempt.error else 1.0
        return outcome_of(
            finished.delivery, finished.attempt, finished.answer, now=now, jitter_factor=factor, retries=self.retries
        )

    def _save(self, client: ClientState, health: Health) -> None:
        if health == client.health:
            return
        self.clients.save_health(client.key, health)
        if client.health.is_active and not health.is_active:
            log.warning("client_disabled", client=client.slug, reason=str(health.disabled_reason))


def _counted(delivery: ClaimedDelivery, counted: dict[DeliveryKey, int]) -> ClaimedDelivery:
    return replace(delivery, failed_before=counted[delivery.key]) if delivery.key in counted else delivery


def _log_attempt(delivery: ClaimedDelivery, attempt: Attempt) -> None:
    log.info(
        "attempt",
        event_id=delivery.event_id,
        delivery_id=delivery.id,
        client=delivery.endpoint.slug,
        host=delivery.endpoint.host,
        response_status=attempt.response_status,
        error=attempt.error and str(attempt.error),
        duration_ms=attempt.duration_ms,
    )
