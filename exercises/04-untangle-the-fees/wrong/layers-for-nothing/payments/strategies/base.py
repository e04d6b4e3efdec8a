"""The base of all fee strategies."""

from abc import ABC, abstractmethod
from decimal import ROUND_HALF_UP, Decimal

EEA = {"AT", "BE", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "NL", "NO", "PL", "PT", "SE"}
HOME_CURRENCY = "EUR"


class AbstractFeeStrategy(ABC):
    """A strategy for the fees of one provider."""

    knows_chargebacks = True

    def __init__(self, payment):
        self.payment = payment
        self.lines = []

    def execute(self):
        getattr(self, f"calculate_{self.payment.kind}_fees")()
        return self.lines

    @abstractmethod
    def calculate_payment_fees(self): ...

    @abstractmethod
    def calculate_refund_fees(self): ...

    @abstractmethod
    def calculate_chargeback_fees(self): ...

    @property
    def so_far(self):
        return sum((fee for _, fee in self.lines), Decimal(0))

    @property
    def is_foreign(self):
        return self.payment.currency != HOME_CURRENCY

    @property
    def is_outside_eea(self):
        return self.payment.card_country not in EEA

    def add(self, label, fee):
        self.lines.append((label, fee))

    def share(self, rate, base=None):
        places = Decimal("1") if self.payment.currency == "JPY" else Decimal("0.01")
        return ((base or self.payment.amount) * Decimal(rate)).quantize(places, ROUND_HALF_UP)

    def money(self, usual, yen):
        return Decimal(yen if self.payment.currency == "JPY" else usual)
