from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=80)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    weight = models.PositiveIntegerField()  # in grams
    stock = models.PositiveIntegerField(default=0)

    def __str__(self):
        return self.title


class Voucher(models.Model):
    """An amount off any order of at least `least`, as long as it has uses left."""

    code = models.CharField(max_length=20, unique=True)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    least = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    uses_left = models.PositiveIntegerField(default=1)

    def __str__(self):
        return self.code


class Cart(models.Model):
    """The books that a customer wants to buy."""

    started_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"cart {self.pk}"


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    quantity = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.quantity} × {self.book}"


class Order(models.Model):
    """An order. `voucher` is the amount that a voucher took off."""

    email = models.EmailField()
    country = models.CharField(max_length=2)
    voucher = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    shipping = models.DecimalField(max_digits=10, decimal_places=2)
    total = models.DecimalField(max_digits=10, decimal_places=2)

    def __str__(self):
        return f"order {self.pk} for {self.email}"


class Line(models.Model):
    """A number of copies of one book, at the price of the order's day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    title = models.CharField(max_length=80)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    quantity = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.quantity} × {self.title}"
