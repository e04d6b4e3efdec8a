from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.rows import ClientRow
from webhooks.application.ports import Recipient, Standing
from webhooks.domain.client import Health
from webhooks.domain.delivery import Endpoint

from .store import Store


class FakeClients:
    """The `Clients` port on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def recipients(self) -> list[Recipient]:
        self._store.check()
        return [_recipient(row) for _, row in sorted(self._store.clients.items()) if not row.is_deleted]

    def recipient(self, key: int) -> Recipient:
        self._store.check()
        return _recipient(self._store.clients[key])

    def locked(self, keys: Iterable[int]) -> dict[int, Standing]:
        self._store.check_lock()
        rows = [self._store.clients[key] for key in sorted(keys)]
        return {row.key: Standing(row.key, row.slug, row.health, row.is_deleted) for row in rows}

    def save_health(self, key: int, health: Health) -> None:
        changes = {"status": health.status, "disabled_reason": health.disabled_reason}
        self.change(key, changes | {"failing_since": health.failing_since})

    def change(self, key: int, columns: Mapping[str, Any]) -> None:
        self._store.check()
        self._store.clients[key] = replace(self._store.clients[key], **columns)

    def replace_secret(self, key: int, sealed: str, previous_expires_at: datetime) -> None:
        previous = self._store.clients[key].signing_secret
        columns = {"signing_secret": sealed, "previous_secret": previous}
        self.change(key, columns | {"previous_expires_at": previous_expires_at})


def endpoint_of(row: ClientRow) -> Endpoint:
    return Endpoint(
        client=row.key,
        slug=row.slug,
        url=row.endpoint_url,
        mask=row.format_options.get("mask", ()),
        secret=row.signing_secret,
        previous_secret=row.previous_secret,
        previous_expires_at=row.previous_expires_at,
    )


def _recipient(row: ClientRow) -> Recipient:
    return Recipient(row.key, row.slug, tuple(row.event_types), row.format_name, row.format_version, row.format_options)
