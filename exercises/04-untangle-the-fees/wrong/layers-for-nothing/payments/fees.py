"""The fees that a provider keeps. Finance compares these lines, in this order, with the monthly statement."""

from .strategies.factory import PROVIDERS
from .strategies.service import FeeService

__all__ = ["PROVIDERS", "fee_lines"]


def fee_lines(payment):
    """The fees as (label, amount), in the order of the statement. Raises ValueError if no fee is agreed."""
    return FeeService().get_fee_lines(payment)
