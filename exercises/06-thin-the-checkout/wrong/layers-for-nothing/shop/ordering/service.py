from decimal import Decimal

from .errors import NoSuchCart, Refused

SHIPPING = {"DE": ("3.90", "5.90"), "AT": ("6.90", "9.90"), "CH": ("9.90", "14.90")}
FREE_FROM = Decimal("60.00")


class PlaceOrderService:
    def __init__(self, carts, books, vouchers, orders):
        self._carts = carts
        self._books = books
        self._vouchers = vouchers
        self._orders = orders

    def execute(self, order_input):
        if not self._carts.exists(order_input.cart_id):
            raise NoSuchCart("there is no such cart")
        lines = self._carts.lines(order_input.cart_id)
        self._validate(order_input, lines)
        goods = sum(line.price * line.quantity for line in lines)
        voucher = self._voucher(order_input, goods)
        discount = min(voucher.amount, goods) if voucher else Decimal("0.00")
        shipping = self._shipping(order_input, lines, goods - discount)
        for line in lines:
            self._books.take(line.book_id, line.quantity)
        if voucher:
            self._vouchers.use(voucher.voucher_id)
        order = self._orders.create(
            email=order_input.email,
            country=order_input.country,
            voucher=discount,
            shipping=shipping,
            total=goods - discount + shipping,
        )
        for line in lines:
            self._orders.add_line(order, line)
        self._carts.clear(order_input.cart_id)
        return order

    def _validate(self, order_input, lines):
        if not lines:
            raise Refused("the cart is empty")
        for line in lines:
            if line.quantity > line.stock:
                raise Refused(f"{line.title}: {line.stock} left")
        if order_input.country not in SHIPPING:
            raise Refused(f"no parcels to {order_input.country}")

    def _voucher(self, order_input, goods):
        if not order_input.voucher_code:
            return None
        voucher = self._vouchers.find(order_input.voucher_code)
        if voucher is None:
            raise Refused("there is no such voucher, or it is used up")
        if goods < voucher.least:
            raise Refused(f"this voucher is for orders from {voucher.least}")
        return voucher

    def _shipping(self, order_input, lines, to_pay):
        if to_pay >= FREE_FROM:
            return Decimal("0.00")
        is_heavy = sum(line.weight * line.quantity for line in lines) > 1000
        return Decimal(SHIPPING[order_input.country][is_heavy])
