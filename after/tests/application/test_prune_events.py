from datetime import timedelta

import pytest

from webhooks.domain.delivery import Status

MONTH = timedelta(days=30)


@pytest.mark.parametrize("status", ["delivered", "dead", "skipped", "cancelled"])
def test_an_old_event_all_of_whose_deliveries_have_ended_goes(world, status):
    world.client("acme")
    world.client("other")
    world.accept()
    for row in world.rows:
        world.set(row, status=Status(status), next_attempt_at=None)
    world.clock.pass_by(days=31)

    assert world.prune_events(MONTH) == 1
    assert world.event_rows == world.rows == []


def test_an_event_with_one_pending_delivery_stays(world):
    world.client("acme")
    world.client("other")
    world.accept()
    world.set(world.rows[0], status=Status.DELIVERED, next_attempt_at=None)
    world.clock.pass_by(days=31)

    assert world.prune_events(MONTH) == 0
    assert len(world.rows) == 2


@pytest.mark.parametrize("extra, pruned", [(timedelta(0), 0), (timedelta(microseconds=1), 1)])
def test_an_event_is_old_when_it_is_older_than_that(world, extra, pruned):
    world.accept()
    world.clock.pass_by(days=30, microseconds=extra.microseconds)

    assert world.prune_events(MONTH) == pruned


def test_a_pruned_events_key_can_be_used_again(world):
    first = world.accept(key="key-1", fingerprint="f")
    world.clock.pass_by(days=31)
    world.prune_events(MONTH)

    second = world.accept(key="key-1", fingerprint="other")

    assert second.id != first.id and not second.is_replay
