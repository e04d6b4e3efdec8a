"""Money in whole cents: an int cannot lose a cent."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

DIGITS = {"JPY": 0}


class Money:
    __slots__ = ("_cents", "currency")

    def __init__(self, amount, currency):
        if isinstance(amount, float):
            raise TypeError("a float holds no exact cents; pass a text or a Decimal")
        cents = Decimal(amount).scaleb(DIGITS.get(currency, 2)).to_integral_value(ROUND_HALF_UP)
        object.__setattr__(self, "_cents", int(cents))
        object.__setattr__(self, "currency", currency)

    @property
    def amount(self):
        return Decimal(self._cents).scaleb(-DIGITS.get(self.currency, 2))

    def __setattr__(self, name, value):
        raise AttributeError("Money does not change; make another")

    def __eq__(self, other):
        return isinstance(other, Money) and (self._cents, self.currency) == (other._cents, other.currency)

    def __hash__(self):
        return hash((self._cents, self.currency))

    def __add__(self, other):
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added up")
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other):
        return self + other * -1

    def __mul__(self, times):
        return Money(self.amount * times, self.currency)

    def __str__(self):
        return str(self.amount)

    def allocate(self, weights):
        """Shares in proportion to the weights: each is the difference of two rounded running totals."""
        whole, passed, given, shares = sum(weights), 0, 0, []
        for weight in weights:
            passed += weight
            reached = int(Fraction(self._cents) * Fraction(passed) / Fraction(whole)) if whole else 0
            shares.append(Money(Decimal(reached - given).scaleb(-DIGITS.get(self.currency, 2)), self.currency))
            given = reached
        return shares
