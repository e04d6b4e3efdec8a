"""Retrying one delivery, and recovering the dead deliveries of a period."""

from datetime import timedelta

import pytest

from tests.builders import NOW
from webhooks.application.retry_delivery import ClientNotActive
from webhooks.domain.client import ClientStatus
from webhooks.domain.delivery import CannotRetry, Status

MINUTE = timedelta(minutes=1)


@pytest.fixture
def acme(world):
    """A client with one delivery, and a doorbell without rings since then."""
    client = world.client("acme")
    world.accept()
    world.doorbell.heard = 0
    return client


def end(world, status, **columns):
    for row in world.rows:
        world.set(row, status=Status(status), next_attempt_at=None, **columns)


@pytest.mark.parametrize("status", ["dead", "delivered"])
def test_a_retry_of_an_ended_delivery_starts_eight_new_attempts(world, acme, status):
    end(world, status, failed_in_round=8, attempt_count=8)
    world.clock.pass_by(hours=1)

    world.retry_delivery(world.row.id)

    assert (world.row.status, world.row.next_attempt_at) == (Status.PENDING, NOW + timedelta(hours=1))
    assert (world.row.failed_in_round, world.row.attempt_count) == (0, 8)
    assert world.doorbell.heard == 1


def test_a_retry_of_a_pending_delivery_makes_it_due_and_keeps_its_round(world, acme):
    world.set(world.row, next_attempt_at=NOW + timedelta(hours=2), failed_in_round=4)

    world.retry_delivery(world.row.id)

    assert (world.row.next_attempt_at, world.row.failed_in_round) == (NOW, 4)
    assert world.doorbell.heard == 1


def test_a_retry_leaves_what_is_being_sent_as_it_is(world, acme):
    world.claim()
    world.clock.pass_by(seconds=89)
    before = world.row

    world.retry_delivery(world.row.id)

    assert world.row == before


def test_a_retry_keeps_an_expired_lease_for_its_interruption(world, acme):
    (delivery,) = world.claim()
    world.clock.pass_by(seconds=90)

    world.retry_delivery(world.row.id)

    assert world.row.token == delivery.lease.token
    assert world.row.next_attempt_at == NOW + timedelta(seconds=90)


@pytest.mark.parametrize("status", ["skipped", "cancelled"])
def test_a_retry_of_a_skipped_or_cancelled_delivery_is_refused(world, acme, status):
    end(world, status)
    before = world.row

    with pytest.raises(CannotRetry, match=f"The delivery is {status}"):
        world.retry_delivery(world.row.id)

    assert world.row == before
    assert world.doorbell.heard == 0


def test_a_retry_of_a_delivery_without_a_body_is_refused(world, acme):
    end(world, "dead", body=None)

    with pytest.raises(CannotRetry, match="The delivery has no body"):
        world.retry_delivery(world.row.id)

    assert world.row.status is Status.DEAD


@pytest.mark.parametrize("columns", [{"status": ClientStatus.DISABLED}, {"is_deleted": True}])
def test_a_disabled_or_deleted_clients_delivery_cannot_be_retried(world, acme, columns):
    end(world, "dead")
    world.set_client(acme, **columns)

    with pytest.raises(CannotRetry, match="The client is disabled or deleted"):
        world.retry_delivery(world.row.id)

    assert world.row.status is Status.DEAD


def test_a_retry_of_a_pruned_delivery_is_refused(world):
    with pytest.raises(CannotRetry, match=r"^The delivery was pruned\.$"):
        world.retry_delivery("dlv_0")


@pytest.fixture
def five_dead(world):
    """A client with a dead delivery from each of five minutes."""
    client = world.client("acme")
    for _ in range(5):
        world.accept()
        world.clock.pass_by(minutes=1)
    end(world, "dead", failed_in_round=8, attempt_count=8)
    world.doorbell.heard = 0
    return client


def statuses(world):
    return [str(row.status) for row in world.rows]


def test_recover_makes_the_dead_of_a_period_due_again(world, five_dead):
    queued = world.recover_deliveries(five_dead, NOW + MINUTE, NOW + 3 * MINUTE)

    assert queued == 2
    assert statuses(world) == ["dead", "pending", "pending", "dead", "dead"]
    recovered = world.rows[1]
    assert (recovered.next_attempt_at, recovered.failed_in_round, recovered.attempt_count) == (NOW + 5 * MINUTE, 0, 8)
    assert world.doorbell.heard == 1


def test_recover_takes_only_what_is_dead_and_has_a_body(world, five_dead):
    world.set(world.rows[0], status=Status.DELIVERED)
    world.set(world.rows[1], body=None)

    assert world.recover_deliveries(five_dead, NOW, NOW + 5 * MINUTE) == 3
    assert statuses(world) == ["delivered", "dead", "pending", "pending", "pending"]


def test_recover_is_for_one_client(world, five_dead):
    other = world.client("other")

    assert world.recover_deliveries(other, NOW, NOW + 5 * MINUTE) == 0
    assert statuses(world) == ["dead"] * 5


@pytest.mark.parametrize("columns", [{"status": ClientStatus.DISABLED}, {"is_deleted": True}])
def test_recover_is_refused_for_a_disabled_or_deleted_client(world, five_dead, columns):
    world.set_client(five_dead, **columns)

    with pytest.raises(ClientNotActive):
        world.recover_deliveries(five_dead, NOW, NOW + 5 * MINUTE)

    assert statuses(world) == ["dead"] * 5
    assert world.doorbell.heard == 0
