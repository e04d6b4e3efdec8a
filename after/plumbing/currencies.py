"""The active ISO 4217 currencies that have a minor unit. The list's date is the iso4217 package's version."""

from iso4217 import Currency

MINOR_UNIT_DIGITS: dict[str, int] = {
    currency.code: currency.exponent for currency in Currency if currency.exponent is not None
}
