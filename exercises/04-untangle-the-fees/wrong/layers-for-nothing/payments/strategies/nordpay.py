"""The fees of Nordpay."""

from .base import AbstractFeeStrategy


class NordpayFeeStrategy(AbstractFeeStrategy):
    def calculate_payment_fees(self):
        self.add("percentage", self.share("0.014"))
        self.add("fixed", self.money("0.25", "40"))
        if self.is_outside_eea:
            self.add("cross-border", self.share("0.01"))
        if self.is_foreign:
            self.add("conversion", self.share("0.015"))
        if self.so_far < self.money("0.50", "80"):
            self.add("minimum", self.money("0.50", "80") - self.so_far)

    def calculate_refund_fees(self):
        self.add("percentage", -self.share("0.014"))

    def calculate_chargeback_fees(self):
        self.add("dispute", self.money("15.00", "2400"))
