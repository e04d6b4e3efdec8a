"""What a provider keeps of a payment. Finance compares these lines, in this order, with the monthly statement."""

from .calculator import calculate

PROVIDERS = {"nordpay": calculate, "cardly": calculate, "banka": calculate}


def fee_lines(payment):
    """The fees as (label, amount), as the statement lists them. Raises ValueError where there is no such fee."""
    if payment.provider not in PROVIDERS:
        raise ValueError(f"no provider {payment.provider!r}")
    return PROVIDERS[payment.provider](payment)
