"""The fees that a provider keeps. Finance compares these lines, in this order, with the monthly statement."""

from .calculator import calculate

PROVIDERS = {"nordpay": calculate, "cardly": calculate, "banka": calculate}


def fee_lines(payment):
    """The fees as (label, amount), in the order of the statement. Raises ValueError if no fee is agreed."""
    if payment.provider not in PROVIDERS:
        raise ValueError(f"no provider {payment.provider!r}")
    return PROVIDERS[payment.provider](payment)
