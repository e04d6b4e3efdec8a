"""Amounts of money in the form that the API takes."""

import re
from decimal import Decimal

from plumbing.currencies import MINOR_UNIT_DIGITS

AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
AMOUNT_DIGITS = 15


class AmountError(ValueError):
    """The text is no amount. The message is a sentence that gives the reason."""


def parse_amount(text: str, currency: str | None) -> Decimal:
    """The amount of a text such as `10.10`; the currency limits the number of decimals, None if it is unknown.

    Raises AmountError.
    """
    match = AMOUNT.fullmatch(text)
    if not match:
        raise AmountError("Expected an amount such as 10.10.")
    if currency is None:
        return Decimal(0)
    digits = MINOR_UNIT_DIGITS[currency]
    whole, decimals = match[1].lstrip("0"), match[2] or ""
    if len(decimals) > digits:
        raise AmountError(f"{currency} has {digits} decimals.")
    if len(whole) + digits > AMOUNT_DIGITS and whole:
        raise AmountError(f"An amount has at most {AMOUNT_DIGITS} digits in minor units.")
    return Decimal(f"{whole or '0'}.{decimals or '0'}")
