"""What a provider keeps of a payment. Finance compares these lines, in this order, with the monthly statement."""

from .strategies.factory import PROVIDERS
from .strategies.service import FeeService

__all__ = ["PROVIDERS", "fee_lines"]


def fee_lines(payment):
    """The fees as (label, amount), as the statement lists them. Raises ValueError where there is no such fee."""
    return FeeService().get_fee_lines(payment)
