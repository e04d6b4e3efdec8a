from django.db import models


class Order(models.Model):
    """An order. The voucher is an amount off, in the order's currency."""

    currency = models.CharField(max_length=3)
    voucher = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    instalments = models.PositiveSmallIntegerField(default=1)

    def __str__(self):
        return f"order {self.pk} in {self.currency}"


class Line(models.Model):
    """A number of copies of one article, at the price of the order's day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    title = models.CharField(max_length=80)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    quantity = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.quantity} × {self.title}"
