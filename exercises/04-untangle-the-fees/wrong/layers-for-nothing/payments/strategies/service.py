"""The service for fees."""

from .factory import FeeStrategyFactory


class FeeService:
    def __init__(self, factory=None):
        self.factory = factory or FeeStrategyFactory()

    def get_fee_lines(self, payment):
        return self.factory.create(payment).execute()
