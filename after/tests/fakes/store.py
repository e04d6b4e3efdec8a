"""The fake of the database: tables of frozen rows, and transactions that can be undone."""

from dataclasses import replace
from typing import Any

from tests.rows import ClientRow, DeliveryRow, EventRow
from webhooks.application.ports import NoSuchClient
from webhooks.domain.delivery import Attempt, NewDelivery
from webhooks.domain.keys import EventKey


class NotInATransaction(Exception):
    """A lock outside any transaction, which PostgreSQL refuses, too."""


class TransactionLost(Exception):
    """A statement failed in this transaction, so the transaction can only end."""


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

    def set_client(self, key: int, **columns: Any) -> None:
        self.check()
        self.clients[key] = replace(self.clients[key], **columns)

    def present_client(self, key: int) -> ClientRow:
        """Raises NoSuchClient."""
        row = self.clients.get(key)
        if row is None or row.is_deleted:
            raise NoSuchClient
        return row

    def set_delivery(self, key: int, **columns: Any) -> None:
        self.check()
        self.deliveries[key] = replace(self.deliveries[key], **columns)

    def add_delivery(self, event_key: EventKey, new: NewDelivery) -> None:
        columns = {name: getattr(new, name) for name in new.__dataclass_fields__} | {"mask": tuple(new.mask)}
        key = self.next_key()
        self.deliveries[key] = DeliveryRow(key=key, event_key=event_key, **columns)

    def picture(self) -> tuple[Any, ...]:
        return dict(self.clients), dict(self.events), dict(self.deliveries), list(self.attempts)

    def restore(self, picture: tuple[Any, ...]) -> None:
        self.clients, self.events, self.deliveries, self.attempts = picture

    def check(self) -> None:
        """Whether the transaction still accepts queries."""
        if self.is_lost:
            raise TransactionLost

    def check_lock(self) -> None:
        """A lock lasts as long as its transaction."""
        self.check()
        if not self.in_transaction:
            raise NotInATransaction
