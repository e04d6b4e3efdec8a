"""Clients in the database, for events and deliveries only. Their identity and keys belong to clients/."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from clients.models import Client
from webhooks.application.ports import ClientState, LockedClient, NoSuchClient, Recipient
from webhooks.domain.client import ClientChange, ClientSettings, ClientStatus, DisabledReason, Health
from webhooks.domain.delivery import Endpoint
from webhooks.domain.keys import ClientKey


class OrmRecipients:
    """The `Recipients` port on Django's ORM."""

    def all(self) -> list[Recipient]:
        # In the order of the key, in which the deliveries' foreign keys lock the clients.
        return [_recipient(row) for row in Client.objects.present().order_by("pk")]

    def one(self, key: ClientKey) -> Recipient:
        row = Client.objects.present().filter(pk=key).first()
        if row is None:
            raise NoSuchClient
        return _recipient(row)


class OrmClients:
    """The `Clients` port on Django's ORM."""

    def lock(self, keys: Iterable[ClientKey]) -> dict[ClientKey, ClientState]:
        # In the order of the key, clients before deliveries: all code that locks several rows uses this order.
        rows = Client.objects.filter(pk__in=list(keys)).select_for_update(no_key=True).order_by("pk")
        return {row.pk: state_of(row) for row in rows}

    def save_health(self, key: ClientKey, health: Health) -> None:
        save_health(key, health)


class OrmClientChanges:
    """The `ClientChanges` port on Django's ORM."""

    def lock(self, key: ClientKey) -> LockedClient:
        row = Client.objects.present().select_for_update(no_key=True).filter(pk=key).first()
        if row is None:
            raise NoSuchClient
        mask = frozenset(row.format_options.get("mask", ()))
        return LockedClient(row.slug, ClientSettings(tuple(row.event_types), mask, health_of(row)))

    def save_change(self, key: ClientKey, change: ClientChange) -> None:
        columns: dict[str, Any] = {"name": change.name, "endpoint_url": change.endpoint_url}
        if change.event_types is not None:
            columns["event_types"] = list(change.event_types)
        if change.format is not None:
            columns["format_name"], columns["format_version"] = change.format.name, change.format.version
            columns["format_options"] = dict(change.format.options)
        columns = {name: value for name, value in columns.items() if value is not None}
        if columns:
            Client.objects.filter(pk=key).update(**columns)

    def save_health(self, key: ClientKey, health: Health) -> None:
        save_health(key, health)

    def replace_secret(self, key: ClientKey, sealed: str, previous_expires_at: datetime) -> None:
        Client.objects.filter(pk=key).update(
            signing_secret=sealed, previous_secret=F("signing_secret"), previous_expires_at=previous_expires_at
        )


def save_health(key: ClientKey, health: Health) -> None:
    Client.objects.filter(pk=key).update(
        status=str(health.status),
        disabled_reason=health.disabled_reason and str(health.disabled_reason),
        failing_since=health.failing_since,
    )


def health_of(row: Client) -> Health:
    reason = row.disabled_reason and DisabledReason(row.disabled_reason)
    return Health(ClientStatus(row.status), reason, row.failing_since)


def state_of(row: Client) -> ClientState:
    return ClientState(row.pk, row.slug, health_of(row), is_deleted=row.deleted_at is not None)


def endpoint_of(row: Client) -> Endpoint:
    return Endpoint(
        client_key=row.pk,
        slug=row.slug,
        url=row.endpoint_url,
        mask=row.format_options.get("mask", ()),
        secret=row.signing_secret,
        previous_secret=row.previous_secret,
        previous_expires_at=row.previous_expires_at,
    )


def _recipient(row: Client) -> Recipient:
    return Recipient(row.pk, row.slug, tuple(row.event_types), row.format_name, row.format_version, row.format_options)
