from django.db import models


class Payment(models.Model):
    """Money that moved through a provider. A refund or chargeback names its payment as `original`."""

    PAYMENT, REFUND, CHARGEBACK = "payment", "refund", "chargeback"
    KINDS = [(PAYMENT, "Payment"), (REFUND, "Refund"), (CHARGEBACK, "Chargeback")]

    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=KINDS, default=PAYMENT)
    original = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="returns")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    fee_total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    paid_on = models.DateField()

    def __str__(self):
        return f"{self.kind} of {self.amount} {self.currency} through {self.provider}"
