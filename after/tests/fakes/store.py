"""What stands in for the database: tables of frozen rows, and transactions that can be undone."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webhooks.domain.client import ClientStatus, DisabledReason, Health
from webhooks.domain.delivery import Attempt, Status
from webhooks.domain.event import Event


class NotInATransaction(Exception):
    """A lock that nothing holds: PostgreSQL refuses it, too."""


class TransactionLost(Exception):
    """Something failed in this transaction; it can only end."""


@dataclass(frozen=True)
class ClientRow:
    """A client, its columns by their names."""

    key: int
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
    def is_active(self) -> bool:
        return self.health.is_active and not self.is_deleted


@dataclass(frozen=True)
class EventRow:
    key: int
    event: Event
    created_at: datetime
    idempotency_key: str | None
    fingerprint: str | None


@dataclass(frozen=True)
class DeliveryRow:
    key: int
    id: str
    event: int
    client: int
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


class Store:
    """The tables, by key. Rows are values, so a copy of the tables is a picture of them all."""

    def __init__(self) -> None:
        self.clients: dict[int, ClientRow] = {}
        self.events: dict[int, EventRow] = {}
        self.deliveries: dict[int, DeliveryRow] = {}
        self.attempts: list[Attempt] = []
        self.in_transaction = False
        self.is_lost = False
        self.at_commit: list[Any] = []
        self._last_key = 0

    def next_key(self) -> int:
        self._last_key += 1
        return self._last_key

    def picture(self) -> tuple[Any, ...]:
        return dict(self.clients), dict(self.events), dict(self.deliveries), list(self.attempts)

    def restore(self, picture: tuple[Any, ...]) -> None:
        self.clients, self.events, self.deliveries, self.attempts = picture

    def check(self) -> None:
        """Whether anything can be asked at all."""
        if self.is_lost:
            raise TransactionLost

    def check_lock(self) -> None:
        """A lock lasts as long as its transaction."""
        self.check()
        if not self.in_transaction:
            raise NotInATransaction
