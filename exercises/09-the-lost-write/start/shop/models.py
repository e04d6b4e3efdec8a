from django.db import models


class Book(models.Model):
    """A book. Three programs write its row: the price import, the warehouse, which counts copies, and this shop.

    The shop is one process and reserves for one request at a time. The other two write at any moment.
    """

    sku = models.SlugField(unique=True)
    title = models.CharField(max_length=80)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)

    def __str__(self):
        return self.title
