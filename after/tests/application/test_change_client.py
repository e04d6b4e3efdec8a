"""The use cases for clients/: a change, a status, a new secret, the cancelling of deliveries."""

from datetime import timedelta

import pytest

from tests.builders import NOW
from webhooks.application.ports import ClientState
from webhooks.domain.client import (
    ClientCannotLoosen,
    ClientChange,
    ClientStatus,
    DisabledReason,
    Health,
    PinnedFormat,
    Role,
)
from webhooks.domain.delivery import Status

ACTIVE, DISABLED = ClientStatus.ACTIVE, ClientStatus.DISABLED


def disabled(reason):
    return {"status": DISABLED, "disabled_reason": DisabledReason(reason)}


def events(log_lines):
    return [(line["event"], line.get("reason")) for line in log_lines()]


def test_a_change_writes_its_columns_and_no_other(world):
    client = world.client(name="Acme", failing_since=NOW)
    before = world.client_row(client)

    world.change_client(client, ClientChange(name="New"), Role.CLIENT)

    after = world.client_row(client)
    assert (after.name, before.name) == ("New", "Acme")
    assert (after.health, after.endpoint_url) == (before.health, before.endpoint_url)


def test_a_change_of_nothing_changes_nothing(world, log_lines):
    client = world.client()
    before = world.client_row(client)

    world.change_client(client, ClientChange(), Role.OPERATOR)

    assert world.client_row(client) == before
    assert log_lines() == []


@pytest.mark.parametrize("asked_by, reason", [(Role.OPERATOR, "operator"), (Role.CLIENT, "client")])
def test_the_reason_is_the_kind_of_key_that_disabled_the_client(world, log_lines, asked_by, reason):
    client = world.client("acme")

    world.change_client(client, ClientChange(name="New", status=DISABLED), asked_by)

    row = world.client_row(client)
    assert (row.name, row.health) == ("New", Health(DISABLED, DisabledReason(reason)))
    (line,) = log_lines()
    assert (line["event"], line["client"], line["reason"]) == ("client_disabled", "acme", reason)


def test_an_operator_takes_a_disablement_over(world, log_lines):
    client = world.client(**disabled("failing"))

    world.change_client(client, ClientChange(status=DISABLED), Role.OPERATOR)

    assert world.client_row(client).disabled_reason is DisabledReason.OPERATOR
    assert events(log_lines) == [("client_disabled", "operator")]


def test_a_client_that_disables_what_is_disabled_changes_nothing(world, log_lines):
    client = world.client(**disabled("gone"))

    world.change_client(client, ClientChange(status=DISABLED), Role.CLIENT)

    assert world.client_row(client).disabled_reason is DisabledReason.GONE
    assert log_lines() == []


def test_enabling_clears_the_failure_clock_and_leaves_the_planned_times(world, log_lines):
    client = world.client("acme", failing_since=NOW - timedelta(days=5), **disabled("failing"))
    world.accept()
    world.set(world.row, next_attempt_at=NOW + timedelta(hours=2))
    logged = len(log_lines())

    world.change_client(client, ClientChange(status=ACTIVE), Role.CLIENT)

    assert world.client_row(client).health == Health()
    assert world.row.next_attempt_at == NOW + timedelta(hours=2)
    (line,) = log_lines()[logged:]
    assert (line["event"], line["client"]) == ("client_enabled", "acme")


def test_enabling_what_is_active_keeps_its_failure_clock(world, log_lines):
    client = world.client(failing_since=NOW)

    world.change_client(client, ClientChange(status=ACTIVE), Role.OPERATOR)

    assert world.client_row(client).health == Health(failing_since=NOW)
    assert log_lines() == []


def test_a_client_cannot_loosen_its_own_settings(world, log_lines):
    masked = {"format_options": {"mask": ["customer.iban"]}, "event_types": ("payment.failed",)}
    client = world.client(**masked, **disabled("operator"))
    before = world.client_row(client)
    loosened = ClientChange(
        name="New", event_types=("*",), format=PinnedFormat("std_json", 1, {}), status=ClientStatus.ACTIVE
    )

    with pytest.raises(ClientCannotLoosen):
        world.change_client(client, loosened, Role.CLIENT)

    assert world.client_row(client) == before
    assert log_lines() == []


def test_what_is_no_member_of_a_client_cannot_be_asked_for(world):
    client = world.client()

    with pytest.raises(TypeError, match="signing_secret"):
        world.change_client(client, ClientChange(signing_secret="mine"), Role.CLIENT)


def test_a_status_is_decided_on_the_client_as_it_is_now(world):
    client = world.client()
    world.set_client(client, status=DISABLED, disabled_reason=DisabledReason.GONE)

    world.change_client(client, ClientChange(status=DISABLED), Role.CLIENT)

    assert world.client_row(client).disabled_reason is DisabledReason.GONE


def test_columns_and_status_are_written_together_or_not_at_all(world):
    client = world.client(name="Acme")

    def full_disk(key, health):
        raise OSError("No space left on device")

    world.client_changes.save_health = full_disk
    with pytest.raises(OSError, match="No space left"):
        world.change_client(client, ClientChange(name="New", status=DISABLED), Role.OPERATOR)

    assert world.client_row(client).name == "Acme"


def test_a_status_that_changes_nothing_writes_nothing(world):
    client = world.client(failing_since=NOW)
    written = []
    world.client_changes.save_health = lambda key, health: written.append(health)

    world.change_client(client, ClientChange(status=ACTIVE), Role.OPERATOR)

    assert written == []


def test_a_rotation_lets_the_old_secret_sign_beside_the_new_one(world, log_lines):
    client = world.client("acme", signing_secret="sealed:old")

    rotation = world.rotate_secret(client, timedelta(hours=1, microseconds=500))

    row = world.client_row(client)
    assert rotation.secret.startswith("whsec_") and rotation.secret not in row.signing_secret
    assert row.previous_secret == "sealed:old"
    assert row.previous_expires_at == rotation.previous_expires_at == NOW + timedelta(hours=1, microseconds=500)
    (line,) = log_lines()
    assert (line["event"], line["client"], line["overlap_seconds"]) == ("secret_rotated", "acme", 3600)


def test_rotated_again_inside_the_overlap_the_oldest_goes(world):
    client = world.client(signing_secret="sealed:oldest")

    world.rotate_secret(client, timedelta(hours=1))
    second = world.client_row(client).signing_secret
    world.rotate_secret(client, timedelta(0))

    row = world.client_row(client)
    assert row.previous_secret == second != row.signing_secret
    assert row.previous_expires_at == NOW


def test_what_is_shown_is_what_signs(world):
    client = world.client()

    rotation = world.rotate_secret(client, timedelta(0))
    world.accept()
    world.deliver()

    (request,) = world.sender.sent
    assert request.secrets == [world.client_row(client).signing_secret]
    assert request.secrets[0].removeprefix("sealed:")[::-1] == rotation.secret


def test_a_new_client_gets_a_secret_of_its_own(world):
    first, second = world.new_signing_secret(), world.new_signing_secret()

    assert first.shown != second.shown
    assert first.shown not in repr(first) and first.sealed not in repr(first)


def test_a_client_is_active_unless_it_was_disabled_or_deleted():
    assert ClientState(1, "acme", Health()).is_active
    assert not ClientState(1, "acme", Health(DISABLED, DisabledReason.GONE)).is_active
    assert not ClientState(1, "acme", Health(), is_deleted=True).is_active


def test_a_client_that_ends_has_nothing_pending(world):
    acme, other = world.client("acme"), world.client("other")
    world.accept()
    world.accept()
    world.set(world.rows[0], status=Status.DELIVERED, next_attempt_at=None)

    cancelled = world.cancel_deliveries(acme)

    assert cancelled == 1
    assert [row.status for row in world.rows if row.client_key == acme] == [Status.DELIVERED, Status.CANCELLED]
    assert [row.status for row in world.rows if row.client_key == other] == [Status.PENDING, Status.PENDING]
