from decimal import ROUND_HALF_UP, Decimal

from django.core.mail import send_mail
from django.db import models
from django.db.models import F
from django.utils import timezone


class Product(models.Model):
    sku = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=80)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    grams = models.PositiveIntegerField()
    stock = models.PositiveIntegerField(default=0)


class Voucher(models.Model):
    code = models.CharField(max_length=20, unique=True)
    percent = models.PositiveSmallIntegerField()
    until = models.DateField()

    # Place 1
    def discount(self, order):
        """The amount off: at most 50.00, and nothing after the last day or if a paid order has used the voucher."""
        if timezone.localdate() > self.until:
            return Decimal("0.00")
        if Order.objects.filter(voucher=self, status__in=(Order.PAID, Order.SENT)).exclude(pk=order.pk).exists():
            return Decimal("0.00")
        off = order.subtotal() * self.percent / 100
        return min(off, Decimal("50.00")).quantize(Decimal("0.01"), ROUND_HALF_UP)


class Order(models.Model):
    NEW, PAID, SENT, CANCELLED = "new", "paid", "sent", "cancelled"

    status = models.CharField(max_length=10, default=NEW)
    email = models.EmailField()
    name = models.CharField(max_length=80)
    street = models.CharField(max_length=80)
    town = models.CharField(max_length=80)
    carrier = models.CharField(max_length=20)
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)  # written by the office, about the customer
    charge = models.CharField(max_length=40, blank=True)

    def subtotal(self):
        return sum((line.product.price * line.quantity for line in self.lines.all()), Decimal("0.00"))

    def total(self):
        return self.subtotal() - (self.voucher.discount(self) if self.voucher else Decimal("0.00"))

    # Place 2
    def can_be_cancelled(self):
        return self.status in (self.NEW, self.PAID)

    # Place 3
    def save(self, *args, **kwargs):
        before = Order.objects.filter(pk=self.pk).values_list("status", flat=True).first()
        super().save(*args, **kwargs)
        if self.status == self.PAID and before != self.PAID:
            for line in self.lines.all():
                Product.objects.filter(pk=line.product_id).update(stock=F("stock") - line.quantity)
            send_mail("Thank you", f"Your order {self.pk} is paid.", None, [self.email])


class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    quantity = models.PositiveSmallIntegerField(default=1)
