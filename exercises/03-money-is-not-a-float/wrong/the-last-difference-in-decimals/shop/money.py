"""Money: an exact amount and its currency, which can be divided into shares without losing a cent."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

DIGITS = {"JPY": 0}


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str

    def __post_init__(self):
        if isinstance(self.amount, float):
            raise TypeError(f"{self.amount!r} is a float, which holds no exact cents; pass a text or a Decimal")
        object.__setattr__(self, "amount", Decimal(self.amount).quantize(self.cent, ROUND_HALF_UP))

    @property
    def cent(self):
        """The smallest amount that can be paid."""
        return Decimal(1).scaleb(-DIGITS.get(self.currency, 2))

    def __add__(self, other):
        return Money(self.amount + self._of_same_currency(other), self.currency)

    def __sub__(self, other):
        return Money(self.amount - self._of_same_currency(other), self.currency)

    def __mul__(self, times):
        return Money(self.amount * times, self.currency)

    def __str__(self):
        return str(self.amount)

    def allocate(self, weights):
        """Shares in proportion to the weights. The cents that are left go to the first shares that were rounded."""
        cents, whole = int(self.amount / self.cent), Fraction(sum(weights)) or 1
        exact = [cents * Fraction(weight) / whole for weight in weights]
        shares = [floor(share) for share in exact]
        uneven = [place for place, share in enumerate(exact) if share != shares[place]]
        for place in uneven[: cents - sum(shares)]:
            shares[place] += 1
        return [Money(share * self.cent, self.currency) for share in shares]

    def _of_same_currency(self, other):
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added up")
        return other.amount
