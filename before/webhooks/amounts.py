"""Amounts of money as the API takes them."""

import re
from decimal import Decimal

from plumbing.currencies import MINOR_UNIT_DIGITS

AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
AMOUNT_DIGITS = 15


class AmountError(ValueError):
    """Says in a sentence why a text is no amount."""


def parse_amount(text: str, currency: str | None) -> Decimal:
    """The amount of a text such as `10.10`; how many decimals it may have depends on the currency, None if unknown.

    Raises AmountError.
    """
    match = AMOUNT.fullmatch(text)
    if not match:
        raise AmountError("An amount such as 10.10 was expected.")
    if currency is None:
        return Decimal(0)
    digits = MINOR_UNIT_DIGITS[currency]
    whole, decimals = match[1].lstrip("0"), match[2] or ""
    if len(decimals) > digits:
        raise AmountError(f"{currency} has {digits} decimals.")
    if len(whole) + digits > AMOUNT_DIGITS and whole:
        raise AmountError(f"An amount has at most {AMOUNT_DIGITS} digits in minor units.")
    return Decimal(f"{whole or '0'}.{decimals or '0'}")
