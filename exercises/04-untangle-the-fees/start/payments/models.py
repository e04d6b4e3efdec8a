from django.db import models


class Payment(models.Model):
    """Money that moved through a provider, in either direction."""

    PAYMENT, REFUND, CHARGEBACK = "payment", "refund", "chargeback"
    KINDS = [(PAYMENT, "Payment"), (REFUND, "Refund"), (CHARGEBACK, "Chargeback")]

    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=KINDS, default=PAYMENT)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    card_country = models.CharField(max_length=2, blank=True)
    fee_total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.kind} of {self.amount} {self.currency} through {self.provider}"
