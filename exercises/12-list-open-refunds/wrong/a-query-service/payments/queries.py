from dataclasses import dataclass

from .ports import RefundReader
from .repositories import DjangoRefundReader


@dataclass(frozen=True)
class OpenRefundsQuery:
    provider: str | None = None


class OpenRefundsService:
    """The use case: support looks at the open refunds."""

    def __init__(self, reader: RefundReader):
        self.reader = reader

    def run(self, query):
        return self.reader.open(query.provider)


def open_refunds_service():
    return OpenRefundsService(DjangoRefundReader())
