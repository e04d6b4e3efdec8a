"""Money as a tuple of an amount and a currency, in whole cents."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple


def cent(currency):
    return Decimal(1) if currency == "JPY" else Decimal("0.01")


class Pair(NamedTuple):
    amount: Decimal
    currency: str


class Money(Pair):
    __slots__ = ()

    def __new__(cls, amount, currency):
        if not isinstance(amount, (str, int, Decimal)):
            raise TypeError("money is made from a text, a Decimal or a whole number")
        return super().__new__(cls, Decimal(amount).quantize(cent(currency), ROUND_HALF_UP), currency)

    def __add__(self, other):
        if other == 0:
            return self  # `sum` starts with 0
        if self.currency != other.currency:
            raise ValueError(f"{other.currency} is no {self.currency}")
        return Money(self.amount + other.amount, self.currency)

    __radd__ = __add__

    def __sub__(self, other):
        return self + Money(-other.amount, other.currency)

    def __format__(self, spec):
        return format(str(self.amount), spec)

    def allocate(self, weights):
        """Shares in proportion to the weights. The cents that are left go to the shares that lost most by rounding."""
        left, whole = self.amount, sum(weights)
        if not whole:
            return [Money(0, self.currency) for _ in weights]
        parts = [
            Fraction(self.amount) * Fraction(weight) / Fraction(whole) / Fraction(cent(self.currency))
            for weight in weights
        ]
        counts = [part.__floor__() for part in parts]
        left = int(self.amount / cent(self.currency)) - sum(counts)
        by_loss = sorted(range(len(parts)), key=lambda place: counts[place] - parts[place])
        for place in by_loss[:left]:
            counts[place] += 1
        return [Money(count * cent(self.currency), self.currency) for count in counts]
