from django.db import models
from django.db.models import F, Q, Sum


class SoldOut(Exception):
    """Fewer pieces are left than an order needs."""


class ProductQuerySet(models.QuerySet):
    def orderable(self):
        """Goods on the shelves, and goods made to order."""
        return self.filter(Q(on_hand__gt=0) | Q(on_hand__isnull=True))


class Product(models.Model):
    """An article. Goods made to order are not counted: `on_hand` is null."""

    sku = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=80)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    on_hand = models.PositiveIntegerField(null=True, blank=True)

    objects = ProductQuerySet.as_manager()

    def __str__(self):
        return f"{self.sku} {self.title}"

    @property
    def available(self):
        """The number on the shelf that no cart has reserved."""
        if self.on_hand is None:
            return None
        reserved = self.lines.filter(cart__ordered=False).aggregate(total=Sum("quantity"))["total"] or 0
        return self.on_hand - reserved

    def take(self, quantity):
        """Take goods from the shelf for an order. Raises SoldOut, also if another order was quicker."""
        if self.on_hand is None:
            return
        if not Product.objects.filter(pk=self.pk, on_hand__gte=quantity).update(on_hand=F("on_hand") - quantity):
            raise SoldOut(f"fewer than {quantity} of {self.sku}")


class Cart(models.Model):
    """A customer's cart. Its lines are reserved until it is ordered."""

    currency = models.CharField(max_length=3)
    voucher = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    ordered = models.BooleanField(default=False)

    def __str__(self):
        return f"cart {self.pk} in {self.currency}"


class Line(models.Model):
    """A number of pieces of one product."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lines")
    quantity = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.quantity} × {self.product_id}"
