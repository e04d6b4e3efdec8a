"""Accepting an event: it and its deliveries are stored once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, an_event
from tests.fakes import FakeEvents, FakeOutbox
from webhooks.application.ports import IdempotencyKeyTaken
from webhooks.domain.client import ClientStatus
from webhooks.domain.delivery import Status
from webhooks.domain.event import IdempotencyKeyReused, example_event
from webhooks.domain.formats.format import Platform


def test_an_event_is_stored_with_a_delivery_for_every_client_that_subscribed(world):
    acme = world.client("acme", event_types=["payment.*"])
    world.client("other", event_types=["payout.paid"])
    globex = world.client("globex", event_types=["*"])

    accepted = world.accept_event(example_event(NOW), "key-1", "fingerprint")

    (event,) = world.event_rows
    assert (event.event, event.created_at) == (an_event(id=accepted.id), NOW)
    assert (event.idempotency_key, event.fingerprint) == ("key-1", "fingerprint")
    assert (accepted.deliveries, accepted.is_replay) == (2, False)
    assert [(row.client_key, row.status, row.next_attempt_at) for row in world.rows] == [
        (acme, Status.PENDING, NOW),
        (globex, Status.PENDING, NOW),
    ]


def test_every_delivery_has_an_id_of_its_own_and_the_events_time(world):
    world.client("acme")
    world.client("other")

    world.accept()

    first, second = world.rows
    assert first.id != second.id
    assert first.id.startswith("dlv_") and second.id.startswith("dlv_")
    assert first.created_at == second.created_at == NOW


def test_a_body_is_in_the_clients_format_and_names_the_accepted_event(world):
    world.client("acme", format_name="cloudevents", format_options={"mask": ["customer.name"]})
    world.platform = Platform(source="https://pay.example")

    accepted = world.accept(example_event(NOW))

    assert world.row.content_type == "application/cloudevents+json; charset=utf-8"
    assert f'"id":"{accepted.id}","source":"https://pay.example"'.encode() in world.row.body
    assert world.row.mask == ("customer.name",)


def test_an_event_without_subscribers_is_stored(world):
    accepted = world.accept()

    assert accepted.deliveries == 0
    assert len(world.event_rows) == 1


def test_what_a_format_skips_counts_as_a_delivery(world):
    world.client(format_name="slack_blocks")

    assert world.accept().deliveries == 1
    assert (world.row.status, world.row.skip_reason) == (Status.SKIPPED, "below_threshold")


def test_a_disabled_client_gets_its_deliveries_for_later(world):
    world.client(status=ClientStatus.DISABLED)

    world.accept()

    assert (world.row.status, world.row.next_attempt_at) == (Status.PENDING, NOW)


def test_a_deleted_client_gets_nothing(world):
    world.client(is_deleted=True)

    assert world.accept().deliveries == 0
    assert world.rows == []


def test_one_clients_failed_rendering_does_not_affect_the_others(world, log_lines):
    broken = world.client("broken", format_name="csv", format_options={"timezone": "Mars/Phobos", "mask": ["x"]})
    unknown = world.client("unknown", format_name="yaml")
    fine = world.client("fine")

    accepted = world.accept()

    assert accepted.deliveries == 3
    assert [world.row_of(client).status for client in (broken, unknown, fine)] == ["dead", "dead", "pending"]
    dead = world.row_of(broken)
    assert (dead.body, dead.next_attempt_at, dead.mask) == (None, None, ("x",))
    lines = [line for line in log_lines() if line["event"] == "render_failed"]
    assert [(line["client"], line["delivery_id"], line["event_id"]) for line in lines] == [
        ("broken", dead.id, accepted.id),
        ("unknown", world.row_of(unknown).id, accepted.id),
    ]


def test_the_workers_are_told_once_all_is_written(world):
    world.client()
    world.accept()

    assert world.doorbell.heard == 1


def test_an_accepted_event_is_logged_by_its_ids(world, log_lines):
    world.client()

    accepted = world.accept()

    (line,) = [line for line in log_lines() if line["event"] == "event_accepted"]
    assert (line["event_id"], line["type"], line["deliveries"]) == (accepted.id, "payment.captured", 1)


def test_the_same_key_and_body_are_the_same_event(world):
    world.client()
    first = world.accept_event(an_event(), "key-1", "fingerprint")

    again = world.accept_event(an_event(), "key-1", "fingerprint")

    assert again == replace(first, is_replay=True)
    assert len(world.event_rows) == len(world.rows) == 1
    assert world.doorbell.heard == 1


def test_a_replay_tells_how_many_deliveries_there_were_and_not_how_many_there_would_be(world):
    world.client("acme")
    world.accept_event(an_event(), "key-1", "fingerprint")
    world.client("new")

    assert world.accept_event(an_event(), "key-1", "fingerprint").deliveries == 1


def test_the_same_key_with_another_body_is_refused(world):
    world.client()
    world.accept_event(an_event(), "key-1", "fingerprint")

    with pytest.raises(IdempotencyKeyReused):
        world.accept_event(an_event("10.11"), "key-1", "another fingerprint")

    assert len(world.event_rows) == len(world.rows) == 1


def test_another_key_is_another_event(world):
    world.client()

    assert world.accept_event(an_event(), "key-1", "f").id != world.accept_event(an_event(), "key-2", "f").id
    assert len(world.rows) == 2


class EventsOfAnotherServer(FakeEvents):
    """Another process accepts an event with this key just before this server does."""

    def add(self, event, *, now, idempotency_key, fingerprint):
        first = not self._store.events
        if first:
            super().add(replace(event, id="evt_theirs"), now=now, idempotency_key="key-1", fingerprint="f")
            committed = self._store.picture()
            try:
                return super().add(event, now=now, idempotency_key=idempotency_key, fingerprint=fingerprint)
            finally:
                self._committed = committed
        return super().add(event, now=now, idempotency_key=idempotency_key, fingerprint=fingerprint)

    def accepted_under(self, idempotency_key):
        self._store.restore(self._committed)  # their write is not part of our lost transaction
        return super().accepted_under(idempotency_key)


def test_the_loser_of_a_race_on_a_key_answers_with_the_winners_event(world):
    world.client()
    world.events = EventsOfAnotherServer(world.store)

    accepted = world.accept_event(an_event(), "key-1", "f")

    assert (accepted.id, accepted.is_replay) == ("evt_theirs", True)
    assert world.doorbell.heard == 0


class PrunedMeanwhile(FakeEvents):
    def accepted_under(self, idempotency_key):
        return None


def test_a_key_whose_event_was_pruned_meanwhile_is_no_replay(world):
    world.events = PrunedMeanwhile(world.store)
    world.accept_event(an_event(), "key-1", "f")

    with pytest.raises(IdempotencyKeyTaken):
        world.accept_event(an_event(), "key-1", "f")


class FullDisk(FakeOutbox):
    def add(self, event, new, cancellation):
        super().add(event, new, cancellation)
        raise OSError("No space left on device")


def test_an_event_without_its_deliveries_is_not_accepted(world):
    world.client()
    world.outbox = FullDisk(world.store)

    with pytest.raises(OSError, match="No space left"):
        world.accept_event(an_event(), "key-1", "f")

    assert world.event_rows == world.rows == []
    assert world.doorbell.heard == 0
    assert world.events.accepted_under("key-1") is None


def test_a_test_event_goes_to_one_client_whatever_it_subscribed_to(world):
    acme = world.client("acme", event_types=[])
    world.client("other")
    world.clock.pass_by(hours=1)

    accepted = world.send_test_event(acme)

    (event,) = world.event_rows
    assert (accepted.deliveries, accepted.is_replay, event.event.id) == (1, False, accepted.id)
    assert (world.row.client_key, world.row.status) == (acme, Status.PENDING)
    assert (event.idempotency_key, event.fingerprint) == (None, None)
    assert (event.event.payment_id, event.event.money.text) == ("pay_01", "10.10")
    assert event.event.occurred_at == event.created_at == NOW + timedelta(hours=1)
    assert world.doorbell.heard == 1


def test_test_events_are_never_replays(world):
    acme = world.client()

    assert world.send_test_event(acme).id != world.send_test_event(acme).id
    assert len(world.event_rows) == 2


def test_a_test_event_is_all_or_nothing_too(world):
    acme = world.client()
    world.outbox = FullDisk(world.store)

    with pytest.raises(OSError, match="No space left"):
        world.send_test_event(acme)

    assert world.event_rows == []
