from django.db.models import F

from shop.models import Book, Cart, Line, Order, Voucher

from .dto import CartLineDTO, VoucherDTO


class CartRepository:
    def exists(self, cart_id):
        return Cart.objects.filter(pk=cart_id).exists()

    def lines(self, cart_id):
        return [
            CartLineDTO(
                line.book_id, line.book.title, line.book.price, line.book.weight, line.book.stock, line.quantity
            )
            for line in Cart.objects.get(pk=cart_id).lines.select_related("book")
        ]

    def clear(self, cart_id):
        Cart.objects.get(pk=cart_id).lines.all().delete()


class BookRepository:
    def take(self, book_id, quantity):
        Book.objects.filter(pk=book_id).update(stock=F("stock") - quantity)


class VoucherRepository:
    def find(self, code):
        voucher = Voucher.objects.filter(code=code, uses_left__gt=0).first()
        return VoucherDTO(voucher.pk, voucher.amount, voucher.least) if voucher else None

    def use(self, voucher_id):
        Voucher.objects.filter(pk=voucher_id).update(uses_left=F("uses_left") - 1)


class OrderRepository:
    def create(self, **fields):
        return Order.objects.create(**fields)

    def add_line(self, order, dto):
        return Line.objects.create(order=order, title=dto.title, price=dto.price, quantity=dto.quantity)
