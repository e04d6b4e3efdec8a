"""The `ClientChanges` port."""

from datetime import timedelta

import pytest

from tests.builders import NOW
from webhooks.application.ports import LockedClient, NoSuchClient
from webhooks.domain.client import (
    ClientChange,
    ClientSettings,
    ClientStatus,
    DisabledReason,
    Health,
    PinnedFormat,
)

GONE = Health(ClientStatus.DISABLED, DisabledReason.GONE, NOW)
WHOLE_CHANGE = ClientChange(
    name="New",
    endpoint_url="https://new.example/hooks",
    event_types=("payment.failed", "payout.paid"),
    format=PinnedFormat("csv", 1, {"timezone": "Asia/Tokyo"}),
)


def locked(storage, key):
    with storage.transaction():
        return storage.client_changes.lock(key)


def test_a_locked_client_has_its_settings(storage):
    acme = storage.add_client(
        "acme",
        event_types=("payment.*",),
        format_options={"mask": ["customer.iban"]},
        status=ClientStatus.DISABLED,
        disabled_reason=DisabledReason.OPERATOR,
        failing_since=NOW,
    )
    other = storage.add_client("other")

    disabled = Health(ClientStatus.DISABLED, DisabledReason.OPERATOR, NOW)
    masked = ClientSettings(("payment.*",), frozenset({"customer.iban"}), disabled)
    assert locked(storage, acme) == LockedClient("acme", masked)
    assert locked(storage, other) == LockedClient("other", ClientSettings(("*",), frozenset(), Health()))


def test_a_client_that_is_not_there_cannot_be_changed(storage):
    deleted = storage.add_client("deleted", is_deleted=True)

    for key in (deleted, 10**6):
        with storage.transaction(), pytest.raises(NoSuchClient):
            storage.client_changes.lock(key)


def test_a_change_writes_what_it_names_and_nothing_else(storage):
    acme, other = storage.add_client("acme", failing_since=NOW), storage.add_client("other")
    before, others = storage.client(acme), storage.client(other)

    storage.client_changes.save_change(acme, ClientChange(name="New"))

    after = storage.client(acme)
    assert after.name == "New"
    assert (after.endpoint_url, after.event_types, after.health) == (
        before.endpoint_url,
        before.event_types,
        before.health,
    )
    assert storage.client(other) == others


def test_a_change_may_name_everything(storage):
    acme = storage.add_client("acme", format_options={"mask": ["customer.iban"]})

    storage.client_changes.save_change(acme, WHOLE_CHANGE)

    row = storage.client(acme)
    assert (row.name, row.endpoint_url, row.event_types) == (
        "New",
        "https://new.example/hooks",
        ("payment.failed", "payout.paid"),
    )
    assert (row.format_name, row.format_version, row.format_options) == ("csv", 1, {"timezone": "Asia/Tokyo"})


def test_a_status_alone_writes_no_member(storage):
    acme = storage.add_client("acme")
    before = storage.client(acme)

    storage.client_changes.save_change(acme, ClientChange(status=ClientStatus.DISABLED))

    assert storage.client(acme) == before


def test_a_saved_health_is_read_back(storage):
    acme, other = storage.add_client("acme"), storage.add_client("other")

    storage.client_changes.save_health(acme, GONE)

    assert (storage.client(acme).health, storage.client(other).health) == (GONE, Health())


def test_a_replaced_secret_becomes_the_previous_one(storage):
    acme = storage.add_client("acme", signing_secret="first")
    other = storage.add_client("other", signing_secret="others")

    storage.client_changes.replace_secret(acme, "second", NOW)
    storage.client_changes.replace_secret(acme, "third", NOW + timedelta(hours=1))

    row = storage.client(acme)
    assert (row.signing_secret, row.previous_secret) == ("third", "second")
    assert row.previous_expires_at == NOW + timedelta(hours=1)
    assert storage.client(other).signing_secret == "others"
