"""Create the strategy for a payment."""

from .banka import BankaFeeStrategy
from .cardly import CardlyFeeStrategy
from .nordpay import NordpayFeeStrategy

PROVIDERS = {"nordpay": NordpayFeeStrategy, "cardly": CardlyFeeStrategy, "banka": BankaFeeStrategy}


class FeeStrategyFactory:
    def create(self, payment):
        if payment.provider not in PROVIDERS:
            raise ValueError(f"no provider {payment.provider!r}")
        return PROVIDERS[payment.provider](payment)
