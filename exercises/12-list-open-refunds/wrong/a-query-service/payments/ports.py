from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class OpenRefund:
    """A refund as support sees it."""

    id: int
    merchant: str
    provider: str
    amount: str
    currency: str
    requested_at: str


class RefundReader(Protocol):
    """A store of refunds."""

    def open(self, provider: str | None) -> list[OpenRefund]: ...
