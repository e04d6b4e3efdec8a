"""Accept an event: it and its deliveries are stored together, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plumbing.logs import get_logger
from webhooks.domain.delivery import CANCELLATION, NewDelivery, not_rendered, prepared
from webhooks.domain.event import Event, PostedEvent, covered, example_event
from webhooks.domain.formats.format import Platform
from webhooks.domain.formats.registry import get_format
from webhooks.domain.keys import ClientKey

from .ports import (
    Clock,
    Doorbell,
    Events,
    IdempotencyKeyTaken,
    Outbox,
    Randomness,
    Recipient,
    Recipients,
    Transaction,
)

log = get_logger(__name__)


@dataclass(frozen=True)
class Acceptance:
    """The answer to the platform: the event's id, its number of deliveries, and whether it was accepted before."""

    id: str
    deliveries: int
    is_replay: bool = False


@dataclass(frozen=True)
class AcceptEvent:
    """`accept_event(event, key, fingerprint)` stores the event with a delivery for every client that subscribed.

    The same key with the same fingerprint is the same event: the unique key decides, not an earlier query. Raises
    IdempotencyKeyReused for another fingerprint.
    """

    events: Events
    fan_out: "FanOut"
    transaction: Transaction
    recipients: Recipients

    def __call__(self, posted: PostedEvent, idempotency_key: str, fingerprint: str) -> Acceptance:
        try:
            with self.transaction():
                subscribed = [
                    recipient for recipient in self.recipients.all() if posted.type in covered(recipient.event_types)
                ]
                return self.fan_out(posted, subscribed, idempotency_key, fingerprint)
        except IdempotencyKeyTaken:
            accepted_event = self.events.accepted_under(idempotency_key)
            if accepted_event is None:
                raise
        accepted_event.check_replay(fingerprint)
        return Acceptance(accepted_event.id, accepted_event.deliveries, is_replay=True)


@dataclass(frozen=True)
class SendTestEvent:
    """`send_test_event(client_key)` sends this client an example, even of a type that it did not subscribe to.

    Raises NoSuchClient.
    """

    fan_out: "FanOut"
    transaction: Transaction
    recipients: Recipients
    clock: Clock

    def __call__(self, client_key: ClientKey) -> Acceptance:
        with self.transaction():
            return self.fan_out(example_event(self.clock.now()), [self.recipients.one(client_key)])


@dataclass(frozen=True)
class FanOut:
    """Writes an event and its deliveries, inside the caller's transaction: the deliveries' table is the outbox."""

    events: Events
    outbox: Outbox
    clock: Clock
    randomness: Randomness
    doorbell: Doorbell
    platform: Platform

    def __call__(
        self,
        posted: PostedEvent,
        recipients: Sequence[Recipient],
        idempotency_key: str | None = None,
        fingerprint: str | None = None,
    ) -> Acceptance:
        now = self.clock.now()
        event = posted.with_id(self.randomness.event_id())
        key = self.events.add(event, now=now, idempotency_key=idempotency_key, fingerprint=fingerprint)
        new = [self._delivery(event, recipient, now) for recipient in recipients]
        self.outbox.add(key, new, CANCELLATION)
        self.doorbell.ring()
        log.info("event_accepted", event_id=event.id, type=str(event.type), deliveries=len(new))
        return Acceptance(event.id, len(new))

    def _delivery(self, event: Event, recipient: Recipient, now: datetime) -> NewDelivery:
        """If rendering fails for one client, the other clients still get their deliveries."""
        id, options = self.randomness.delivery_id(), recipient.format_options
        try:
            chosen = get_format(recipient.format_name, recipient.format_version)
            return prepared(event, chosen, options, self.platform, id=id, client_key=recipient.key, now=now)
        except Exception:
            log.exception("render_failed", event_id=event.id, delivery_id=id, client=recipient.slug)
            return not_rendered(id=id, client_key=recipient.key, now=now, mask=options.get("mask", []))
