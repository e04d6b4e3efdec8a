"""What tests see of the tables: a row as a value, its columns by the names that the domain has for them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webhooks.domain.client import ClientSettings, ClientStatus, DisabledReason, Health, takes_deliveries
from webhooks.domain.delivery import ClaimedDelivery, Endpoint, Lease, Status
from webhooks.domain.event import Event
from webhooks.domain.keys import ClientKey, DeliveryKey, EventKey


@dataclass(frozen=True)
class ClientRow:
    """A client, its columns by their names."""

    key: ClientKey
    slug: str
    name: str = ""
    endpoint_url: str = "https://acme.example/hooks"
    event_types: tuple[str, ...] = ("*",)
    format_name: str = "std_json"
    format_version: int = 1
    format_options: dict[str, Any] = field(default_factory=dict)
    status: ClientStatus = ClientStatus.ACTIVE
    disabled_reason: DisabledReason | None = None
    failing_since: datetime | None = None
    signing_secret: str = "sealed:new"
    previous_secret: str | None = None
    previous_expires_at: datetime | None = None
    is_deleted: bool = False

    @property
    def health(self) -> Health:
        return Health(self.status, self.disabled_reason, self.failing_since)

    @property
    def settings(self) -> ClientSettings:
        return ClientSettings(self.event_types, frozenset(self.format_options.get("mask", ())), self.health)

    @property
    def is_active(self) -> bool:
        return takes_deliveries(self.status, is_deleted=self.is_deleted)


@dataclass(frozen=True)
class EventRow:
    key: EventKey
    event: Event
    created_at: datetime
    idempotency_key: str | None
    fingerprint: str | None


@dataclass(frozen=True)
class DeliveryRow:
    key: DeliveryKey
    id: str
    event_key: EventKey
    client_key: ClientKey
    status: Status
    created_at: datetime
    skip_reason: str | None = None
    body: bytes | None = None
    content_type: str = ""
    ack_rule: str = "2xx"
    mask: tuple[str, ...] = ()
    next_attempt_at: datetime | None = None
    attempt_count: int = 0
    failed_in_round: int = 0
    token: str | None = None
    leased_until: datetime | None = None

    def claimed_delivery(self, event: Event, endpoint: Endpoint, lease: Lease) -> ClaimedDelivery:
        """The delivery as the worker has it that has just taken this lease."""
        lost = Lease(self.token, self.leased_until) if self.token and self.leased_until else None
        return ClaimedDelivery(
            key=self.key,
            id=self.id,
            event_id=event.id,
            endpoint=endpoint,
            customer=event.customer,
            body=self.body or b"",
            content_type=self.content_type,
            ack_rule=self.ack_rule,
            mask=self.mask,
            failed_before=self.failed_in_round,
            lease=lease,
            lost_lease=lost,
        )
