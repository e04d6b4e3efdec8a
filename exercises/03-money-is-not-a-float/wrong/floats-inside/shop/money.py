"""Money: an amount and its currency."""

from dataclasses import dataclass

DIGITS = {"JPY": 0}


@dataclass(frozen=True, eq=False)
class Money:
    amount: float
    currency: str

    def __post_init__(self):
        object.__setattr__(self, "amount", round(float(self.amount), self.digits))

    @property
    def digits(self):
        return DIGITS.get(self.currency, 2)

    def __eq__(self, other):
        return self.currency == other.currency and abs(self.amount - other.amount) < 0.001

    def __hash__(self):
        return hash((self.amount, self.currency))

    def __add__(self, other):
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other):
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, times):
        return Money(self.amount * times, self.currency)

    def __str__(self):
        return f"{self.amount:.{self.digits}f}"

    def allocate(self, weights):
        whole = float(sum(weights)) or 1.0
        shares = [round(self.amount * float(weight) / whole, self.digits) for weight in weights]
        cent = 10**-self.digits
        for place in range(len(shares)):
            left = round(self.amount - sum(shares), self.digits)
            if left and weights[place]:
                shares[place] += cent if left > 0 else -cent
        return [Money(share, self.currency) for share in shares]

    def _same(self, other):
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added up")
        return other.amount
