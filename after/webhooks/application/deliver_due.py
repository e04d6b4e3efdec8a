"""Delivering what is due: claim under a lease, send, record. A crash between any two of these loses nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plumbing.logs import get_logger
from webhooks.domain.answers import Answer, AttemptError, NoAnswer
from webhooks.domain.client import Health
from webhooks.domain.delivery import (
    LEASE,
    Attempt,
    AttemptOutcome,
    DeadLetter,
    DueDelivery,
    Held,
    LateAnswer,
    Lease,
    attempted,
    outcome_of,
    outcome_of_interruption,
)
from webhooks.domain.fairness import IN_FLIGHT_PER_CLIENT, fair_share
from webhooks.domain.retrying import RETRIES, RetryPolicy

from .ports import (
    AttemptRecords,
    Clients,
    Clock,
    DueDeliveries,
    Outgoing,
    Randomness,
    SecretUnreadable,
    Sender,
    Standing,
    Transaction,
)

log = get_logger(__name__)


@dataclass(frozen=True)
class Finished:
    """A delivery that was sent, and what came of it."""

    held: Held
    attempt: Attempt
    answer: Answer | NoAnswer


@dataclass(frozen=True)
class DeliverDue:
    """What a worker does, but for its threads.

    `exchange` in turn with `send`: whatever was claimed is sent outside of any transaction, from any thread, and comes
    back to the next `exchange`. A worker that is killed between the two holds leases that run out; who claims them then
    records the interruption.
    """

    due_deliveries: DueDeliveries
    attempt_records: AttemptRecords
    clients: Clients
    sender: Sender
    transaction: Transaction
    clock: Clock
    randomness: Randomness
    retries: RetryPolicy = RETRIES

    def exchange(
        self, finished: Sequence[Finished], in_flight: Counter[int], slots: int, planned_by: datetime | None = None
    ) -> list[Held]:
        """Records what came back and claims what can start in its place, in one transaction: one commit for both.

        `in_flight` counts by client what the worker has under way, `slots` is how much more it can start.
        """
        if not finished:
            return self._claim(in_flight, slots, planned_by)
        with self.transaction():
            self._record(finished)
            claimed = self._claim(in_flight, slots, planned_by)
        for one in finished:
            _tell(one.held, one.attempt)
        return claimed

    def send(self, held: Held) -> Finished:
        """Sends a delivery as it was frozen, to where the client is today."""
        started_at, endpoint = self.clock.now(), held.endpoint
        secrets = endpoint.secrets_at(started_at)
        try:
            answer = self.sender.send(
                Outgoing(endpoint.client, endpoint.url, held.event_id, held.content_type, held.body, secrets)
            )
        except SecretUnreadable:
            # Our trouble, not the client's: WEBHOOKS_ENCRYPTION_KEYS misses the key of its secret.
            log.error("secret_unreadable", delivery_id=held.id, client=endpoint.slug)
            answer = NoAnswer(AttemptError.INTERRUPTED)
        # The attempt here, not where it is recorded: looking for the ack takes time, and the main thread is everybody's.
        return Finished(held, attempted(held, started_at, answer), answer)

    def _claim(self, in_flight: Counter[int], slots: int, planned_by: datetime | None) -> list[Held]:
        if not slots:
            return []
        now = self.clock.now()
        due = DueDelivery(now, planned_by or now)
        busy = [client for client, count in in_flight.items() if count >= IN_FLIGHT_PER_CLIENT]
        queues = self.due_deliveries.queues(due, limit=slots + len(in_flight), without=busy)
        keys = fair_share(queues, slots, in_flight)
        if not keys:
            return []
        with self.transaction():
            lease = Lease(self.randomness.lease_token(), now + LEASE)
            claimed = self.due_deliveries.lease(keys, queues, lease, due)
            lost = [
                outcome_of_interruption(held, held.lost_lease, now, self.retries) for held in claimed if held.lost_lease
            ]
            if lost:
                self.attempt_records.record(lost)
        dead = {outcome.attempt.delivery for outcome in lost if isinstance(outcome, DeadLetter)}
        counted = {outcome.attempt.delivery: outcome.attempts_in_round for outcome in lost}
        for held in claimed:
            if held.lost_lease:
                ids = {"delivery_id": held.id, "event_id": held.event_id, "client": held.endpoint.slug}
                log.warning("interrupted", **ids)
        alive = [_counted(held, counted) for held in claimed if held.key not in dead]
        if claimed and not alive:  # all were at their eighth: others may be due behind them
            return self._claim(in_flight, slots, planned_by)
        return alive

    def _record(self, finished: Sequence[Finished]) -> None:
        """Records finished attempts in the order in which they ended."""
        now = self.clock.now()
        standings = self.clients.locked({one.held.endpoint.client for one in finished})
        tokens = self.attempt_records.tokens([one.held.key for one in finished])
        health = {key: standing.health for key, standing in standings.items()}
        outcomes: list[AttemptOutcome] = []
        for one in finished:
            held, attempt = one.held, one.attempt
            if held.key not in tokens:
                continue  # pruned since
            if tokens[held.key] != held.lease.token:
                outcomes.append(LateAnswer(attempt))
                continue
            outcomes.append(self._outcome_of(one, now))
            client = held.endpoint.client
            health[client] = self._after(health[client], client, attempt, now)
        self.attempt_records.record(outcomes)
        for key, standing in standings.items():
            self._save(standing, health[key])

    def _after(self, health: Health, client: int, attempt: Attempt, now: datetime) -> Health:
        days: set[int] = set()
        if attempt.error and health.is_active and health.failing_since and health.has_failed_for_long(now):
            days = self.attempt_records.failed_days(client, health.failing_since, now)
        return health.after_attempt(attempt.error, attempt.response_status, now, days)

    def _outcome_of(self, one: Finished, now: datetime) -> AttemptOutcome:
        stretch = self.randomness.stretch(self.retries.jitter) if one.attempt.error else 1.0
        return outcome_of(one.held, one.attempt, one.answer, now=now, stretch=stretch, retries=self.retries)

    def _save(self, standing: Standing, health: Health) -> None:
        if health == standing.health:
            return
        self.clients.save_health(standing.key, health)
        if standing.health.is_active and not health.is_active:
            log.warning("client_disabled", client=standing.slug, reason=str(health.disabled_reason))


def _counted(held: Held, counted: dict[int, int]) -> Held:
    return replace(held, failed_before=counted[held.key]) if held.key in counted else held


def _tell(held: Held, attempt: Attempt) -> None:
    log.info(
        "attempt",
        event_id=held.event_id,
        delivery_id=held.id,
        client=held.endpoint.slug,
        host=held.endpoint.host,
        response_status=attempt.response_status,
        error=attempt.error and str(attempt.error),
        duration_ms=attempt.duration_ms,
    )
