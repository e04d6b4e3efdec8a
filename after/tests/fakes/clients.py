from collections.abc import Iterable
from datetime import datetime

from tests.rows import ClientRow
from webhooks.application.ports import ClientState, LockedClient, Recipient
from webhooks.domain.client import ClientChange, Health
from webhooks.domain.delivery import Endpoint
from webhooks.domain.keys import ClientKey

from .store import Store


class FakeRecipients:
    """The `Recipients` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Recipient]:
        self._store.check()
        return [_recipient(row) for _, row in sorted(self._store.clients.items()) if not row.is_deleted]

    def one(self, key: ClientKey) -> Recipient:
        self._store.check()
        return _recipient(self._store.present_client(key))


class FakeClients:
    """The `Clients` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def lock(self, keys: Iterable[ClientKey]) -> dict[ClientKey, ClientState]:
        self._store.check_lock()
        rows = [self._store.clients[key] for key in sorted(keys)]
        return {row.key: ClientState(row.key, row.slug, row.health, row.is_deleted) for row in rows}

    def save_health(self, key: ClientKey, health: Health) -> None:
        self._store.set_client(key, **vars(health))


class FakeClientChanges:
    """The `ClientChanges` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def lock(self, key: ClientKey) -> LockedClient:
        self._store.check_lock()
        row = self._store.present_client(key)
        return LockedClient(row.slug, row.settings)

    def save_change(self, key: ClientKey, change: ClientChange) -> None:
        members = {name: getattr(change, name) for name in ("name", "endpoint_url", "event_types")}
        if change.format is not None:
            pinned = change.format
            members |= {"format_name": pinned.name, "format_version": pinned.version}
            members |= {"format_options": dict(pinned.options)}
        self._store.set_client(key, **{name: value for name, value in members.items() if value is not None})

    def save_health(self, key: ClientKey, health: Health) -> None:
        self._store.set_client(key, **vars(health))

    def replace_secret(self, key: ClientKey, sealed: str, previous_expires_at: datetime) -> None:
        previous = self._store.clients[key].signing_secret
        self._store.set_client(
            key, signing_secret=sealed, previous_secret=previous, previous_expires_at=previous_expires_at
        )


def endpoint_of(row: ClientRow) -> Endpoint:
    return Endpoint(
        client_key=row.key,
        slug=row.slug,
        url=row.endpoint_url,
        mask=row.format_options.get("mask", ()),
        secret=row.signing_secret,
        previous_secret=row.previous_secret,
        previous_expires_at=row.previous_expires_at,
    )


def _recipient(row: ClientRow) -> Recipient:
    return Recipient(row.key, row.slug, tuple(row.event_types), row.format_name, row.format_version, row.format_options)
