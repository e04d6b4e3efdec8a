"""Money in whole cents: an int cannot lose a cent."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

PER_UNIT = {"JPY": 1}


@dataclass(frozen=True, init=False)
class Money:
    cents: int
    currency: str

    def __init__(self, amount, currency):
        if isinstance(amount, float):
            raise TypeError("a float holds no exact cents; pass a text or a Decimal")
        cents = (Decimal(amount) * PER_UNIT.get(currency, 100)).to_integral_value(ROUND_HALF_UP)
        object.__setattr__(self, "cents", int(cents))
        object.__setattr__(self, "currency", currency)

    @classmethod
    def of_cents(cls, cents, currency):
        return cls(Decimal(cents) / PER_UNIT.get(currency, 100), currency)

    @property
    def amount(self):
        return Decimal(self.cents / PER_UNIT.get(self.currency, 100))

    def __add__(self, other):
        return Money.of_cents(self.cents + self._of_same_currency(other), self.currency)

    def __sub__(self, other):
        return Money.of_cents(self.cents - self._of_same_currency(other), self.currency)

    def __mul__(self, times):
        return Money.of_cents(self.cents * times, self.currency)

    def __str__(self):
        return f"{self.amount:.{0 if PER_UNIT.get(self.currency) else 2}f}"

    def allocate(self, weights):
        """Shares in proportion to the weights. The cents that are left go to the first shares that were rounded."""
        whole = Fraction(sum(weights)) or 1
        exact = [self.cents * Fraction(weight) / whole for weight in weights]
        shares = [floor(share) for share in exact]
        uneven = [place for place, share in enumerate(exact) if share != shares[place]]
        for place in uneven[: self.cents - sum(shares)]:
            shares[place] += 1
        return [Money.of_cents(share, self.currency) for share in shares]

    def _of_same_currency(self, other):
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added up")
        return other.cents
