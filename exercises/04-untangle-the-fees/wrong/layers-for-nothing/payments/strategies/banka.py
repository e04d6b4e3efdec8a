"""The fees of Banka."""

from .base import AbstractFeeStrategy


class BankaFeeStrategy(AbstractFeeStrategy):
    knows_chargebacks = False

    def calculate_payment_fees(self):
        self.add("fixed", self.money("0.40", "64"))
        if self.payment.amount > self.money("10000", "1600000"):
            self.add("large", self.share("0.001"))

    def calculate_refund_fees(self):
        return

    def calculate_chargeback_fees(self):
        raise ValueError("banka knows no chargeback")
