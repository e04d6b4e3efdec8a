"""Money in the platform's events."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from plumbing.currencies import MINOR_UNIT_DIGITS

AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
AMOUNT_DIGITS = 15


class AmountError(ValueError):
    """The text is no amount. The message is a sentence that gives the reason."""


@dataclass(frozen=True)
class Money:
    """An amount of an active ISO 4217 currency. Two amounts are equal if their values are: `1.10` and `1.1`."""

    amount: Decimal
    currency: str

    @property
    def text(self) -> str:
        """The amount with exactly the decimals of its currency: `10.10`, `1099`."""
        digits = MINOR_UNIT_DIGITS[self.currency]
        return f"{self.amount.quantize(Decimal(1).scaleb(-digits)):f}"

    def minor_units(self, digits: int | None = None) -> int:
        """The amount in minor units, with ISO 4217's digits or a provider's own; dropped digits round half to even."""
        if digits is None:
            digits = MINOR_UNIT_DIGITS[self.currency]
        return int(self.amount.scaleb(digits).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def is_currency(code: str) -> bool:
    """Whether this is an active currency of ISO 4217 that has a minor unit."""
    return code in MINOR_UNIT_DIGITS


def digits_of(text: str) -> tuple[str, str]:
    """The digits of an amount before its point, without leading zeros, and after it. Raises AmountError."""
    match = AMOUNT.fullmatch(text)
    if not match:
        raise AmountError("Expected an amount such as 10.10.")
    return match[1].lstrip("0"), match[2] or ""


def parse_amount(text: str, currency: str) -> Decimal:
    """The amount of a text such as `10.10`; the currency limits the number of decimals.

    Raises AmountError, or KeyError for an unknown currency.
    """
    whole, decimals = digits_of(text)
    digits = MINOR_UNIT_DIGITS[currency]
    if len(decimals) > digits:
        raise AmountError(f"{currency} has {digits} decimals.")
    if len(whole) + digits > AMOUNT_DIGITS and whole:
        raise AmountError(f"An amount has at most {AMOUNT_DIGITS} digits in minor units.")
    return Decimal(f"{whole or '0'}.{decimals or '0'}")
