from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class PlaceOrderInput:
    cart_id: int
    email: str
    country: str
    voucher_code: str


@dataclass(frozen=True)
class CartLineDTO:
    book_id: int
    title: str
    price: Decimal
    weight: int
    stock: int
    quantity: int


@dataclass(frozen=True)
class VoucherDTO:
    voucher_id: int
    amount: Decimal
    least: Decimal
