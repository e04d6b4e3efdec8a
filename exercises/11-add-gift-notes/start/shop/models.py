from decimal import Decimal

from django.db import models


class Product(models.Model):
    """A product that we sell, and how many of it are in the warehouse."""

    title = models.CharField(max_length=80)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)

    def __str__(self):
        return self.title


class Order(models.Model):
    """An order of a customer. The voucher is an amount that is subtracted from the price of the goods."""

    STANDARD, EXPRESS = "standard", "express"
    SHIPPING = [(STANDARD, "Standard"), (EXPRESS, "Express")]
    SHIPPING_COSTS = {STANDARD: Decimal("4.90"), EXPRESS: Decimal("12.90")}
    FREE_FROM = Decimal("50.00")

    email = models.EmailField()
    shipping = models.CharField(max_length=10, choices=SHIPPING, default=STANDARD)
    voucher = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"order {self.pk} of {self.email}"

    def subtotal(self):
        return sum((line.total() for line in self.lines.all()), Decimal("0.00"))

    def shipping_costs(self):
        """The price of shipping. Standard shipping is free for large orders; express shipping never is."""
        if self.shipping == self.STANDARD and self.subtotal() >= self.FREE_FROM:
            return Decimal("0.00")
        return self.SHIPPING_COSTS[self.shipping]

    def invoice(self):
        """The invoice that the customer gets and the warehouse uses to pack."""
        subtotal = self.subtotal()
        voucher = min(self.voucher, subtotal)
        return {
            "number": f"{self.created_at:%Y}-{self.pk:05}",
            "email": self.email,
            "lines": [line.on_invoice() for line in self.lines.all()],
            "subtotal": f"{subtotal:.2f}",
            "voucher": f"{voucher:.2f}",
            "shipping": f"{self.shipping_costs():.2f}",
            "due": f"{subtotal - voucher + self.shipping_costs():.2f}",
        }


class Line(models.Model):
    """A quantity of one product, at the price on the day of the order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    quantity = models.PositiveSmallIntegerField(default=1)
    price = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.quantity} × {self.product}"

    def total(self):
        return self.price * self.quantity

    def on_invoice(self):
        return {"title": self.product.title, "quantity": self.quantity, "total": f"{self.total():.2f}"}
