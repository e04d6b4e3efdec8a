"""The ports `Clients` and `Recipients`."""

import pytest

from tests.builders import NOW
from webhooks.application.ports import ClientState, NoSuchClient, Recipient
from webhooks.domain.client import ClientStatus, DisabledReason, Health

GONE = Health(ClientStatus.DISABLED, DisabledReason.GONE, NOW)


def test_recipients_are_all_clients_except_deleted_ones(storage):
    acme = storage.add_client("acme", event_types=("payment.*",), format_options={"mask": ["customer.name"]})
    asleep = storage.add_client("asleep", status=ClientStatus.DISABLED, format_name="csv")
    storage.add_client("deleted", is_deleted=True)

    found = sorted(storage.recipients.all(), key=lambda recipient: recipient.slug)

    assert found == [
        Recipient(acme, "acme", ("payment.*",), "std_json", 1, {"mask": ["customer.name"]}),
        Recipient(asleep, "asleep", ("*",), "csv", 1, {}),
    ]


def test_a_recipient_is_found_by_its_key(storage):
    storage.add_client("other")
    acme = storage.add_client("acme", format_name="flat_camel", format_version=2)

    assert storage.recipients.one(acme) == Recipient(acme, "acme", ("*",), "flat_camel", 2, {})


def test_a_client_that_is_not_there_is_no_recipient(storage):
    deleted = storage.add_client("deleted", is_deleted=True)

    for key in (deleted, 10**6):
        with pytest.raises(NoSuchClient):
            storage.recipients.one(key)


def test_locked_clients_have_the_stored_state(storage):
    acme = storage.add_client("acme", failing_since=NOW)
    other = storage.add_client("other", status=ClientStatus.DISABLED, disabled_reason=DisabledReason.OPERATOR)
    deleted = storage.add_client("deleted", is_deleted=True)
    storage.add_client("not asked for")

    with storage.transaction():
        found = storage.clients.lock({other, acme, deleted})

    assert found == {
        acme: ClientState(acme, "acme", Health(failing_since=NOW)),
        other: ClientState(other, "other", Health(ClientStatus.DISABLED, DisabledReason.OPERATOR)),
        deleted: ClientState(deleted, "deleted", Health(), is_deleted=True),
    }
    assert [found[key].is_active for key in (acme, other, deleted)] == [True, False, False]
    assert list(found) == sorted(found)


def test_a_saved_health_is_read_back(storage):
    acme, other = storage.add_client("acme"), storage.add_client("other")

    storage.clients.save_health(acme, GONE)

    with storage.transaction():
        found = storage.clients.lock([acme, other])
    assert (found[acme].health, found[other].health) == (GONE, Health())


def test_a_health_that_recovers_is_read_back(storage):
    acme = storage.add_client("acme")
    storage.clients.save_health(acme, GONE)

    storage.clients.save_health(acme, Health())

    assert storage.client(acme).health == Health()
