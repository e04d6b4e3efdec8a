"""Clients in the database, as far as events and deliveries concern them. Who they are is the business of clients/."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from clients.models import Client
from webhooks.application.ports import Recipient, Standing
from webhooks.domain.client import ClientStatus, DisabledReason, Health
from webhooks.domain.delivery import Endpoint


class OrmClients:
    """The `Clients` port on Django's ORM."""

    def recipients(self) -> list[Recipient]:
        # In the order of the key: the deliveries' foreign keys lock the clients in this one.
        return [_recipient(row) for row in Client.objects.present().order_by("pk")]

    def recipient(self, key: int) -> Recipient:
        return _recipient(Client.objects.get(pk=key))

    def locked(self, keys: Iterable[int]) -> dict[int, Standing]:
        # In the order of the key, and the clients before the deliveries: so does everyone who locks several rows.
        rows = Client.objects.filter(pk__in=list(keys)).select_for_update(no_key=True).order_by("pk")
        return {row.pk: standing_of(row) for row in rows}

    def save_health(self, key: int, health: Health) -> None:
        self.change(
            key,
            {
                "status": str(health.status),
                "disabled_reason": health.disabled_reason and str(health.disabled_reason),
                "failing_since": health.failing_since,
            },
        )

    def change(self, key: int, columns: Mapping[str, Any]) -> None:
        Client.objects.filter(pk=key).update(**columns)

    def replace_secret(self, key: int, sealed: str, previous_expires_at: datetime) -> None:
        Client.objects.filter(pk=key).update(
            signing_secret=sealed, previous_secret=F("signing_secret"), previous_expires_at=previous_expires_at
        )


def standing_of(row: Client) -> Standing:
    reason = row.disabled_reason and DisabledReason(row.disabled_reason)
    health = Health(ClientStatus(row.status), reason, row.failing_since)
    return Standing(row.pk, row.slug, health, is_deleted=row.deleted_at is not None)


def endpoint_of(row: Client) -> Endpoint:
    return Endpoint(
        client=row.pk,
        slug=row.slug,
        url=row.endpoint_url,
        mask=row.format_options.get("mask", ()),
        secret=row.signing_secret,
        previous_secret=row.previous_secret,
        previous_expires_at=row.previous_expires_at,
    )


def _recipient(row: Client) -> Recipient:
    return Recipient(row.pk, row.slug, tuple(row.event_types), row.format_name, row.format_version, row.format_options)
