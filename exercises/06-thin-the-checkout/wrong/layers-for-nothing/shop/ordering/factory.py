from .repositories import BookRepository, CartRepository, OrderRepository, VoucherRepository
from .service import PlaceOrderService


class PlaceOrderServiceFactory:
    @staticmethod
    def create():
        return PlaceOrderService(CartRepository(), BookRepository(), VoucherRepository(), OrderRepository())
