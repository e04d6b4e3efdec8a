from django.db import models


class Book(models.Model):
    """One row, three writers: the price import, the warehouse that counts what is on hand, and this shop, which reserves.

    The shop is one process, and reserves one request at a time; the other two come whenever they like.
    """

    sku = models.SlugField(unique=True)
    title = models.CharField(max_length=80)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)

    def __str__(self):
        return self.title
