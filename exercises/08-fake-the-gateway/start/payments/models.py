from django.db import models


class Payment(models.Model):
    """Money that a customer has agreed to pay. Cardly takes it from the card when the payment is captured."""

    AUTHORIZED, CAPTURED, FAILED = "authorized", "captured", "failed"

    reference = models.SlugField(unique=True)
    card = models.CharField(max_length=40)  # Cardly's token for it
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, default=AUTHORIZED)
    charge = models.CharField(max_length=40, blank=True)  # Cardly's id of the charge
    failure = models.CharField(max_length=140, blank=True)

    def __str__(self):
        return f"payment {self.reference} of {self.amount} {self.currency}"
