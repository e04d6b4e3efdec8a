from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class OpenRefund:
    """What support sees of a refund."""

    id: int
    merchant: str
    provider: str
    amount: str
    currency: str
    requested_at: str


class RefundReader(Protocol):
    """Where refunds can be looked up."""

    def open(self, provider: str | None) -> list[OpenRefund]: ...
