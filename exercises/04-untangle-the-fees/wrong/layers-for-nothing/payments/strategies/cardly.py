"""The fees of Cardly."""

from .base import AbstractFeeStrategy


class CardlyFeeStrategy(AbstractFeeStrategy):
    def calculate_payment_fees(self):
        self.add("fixed", self.money("0.30", "48"))
        self.add("percentage", self.share("0.029"))
        self.add_conversion()
        if self.so_far > self.money("12.00", "1900"):
            self.add("cap", self.money("12.00", "1900") - self.so_far)

    def calculate_refund_fees(self):
        self.add("fixed", self.money("0.30", "48"))

    def calculate_chargeback_fees(self):
        self.add("dispute", self.money("20.00", "3200"))
        self.add_conversion()

    def add_conversion(self):
        if self.is_foreign:
            self.add("conversion", self.share("0.02", self.payment.amount + self.so_far))
