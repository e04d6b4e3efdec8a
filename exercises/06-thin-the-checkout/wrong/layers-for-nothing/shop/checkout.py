from django.db import transaction

from .ordering.dto import PlaceOrderInput
from .ordering.errors import NoSuchCart, Refused
from .ordering.factory import PlaceOrderServiceFactory

__all__ = ["NoSuchCart", "Refused", "place_order"]


@transaction.atomic
def place_order(*, cart_id, email, country, voucher_code=""):
    order_input = PlaceOrderInput(cart_id, email, country, voucher_code)
    return PlaceOrderServiceFactory.create().execute(order_input)
