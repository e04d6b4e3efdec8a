from django.db import models
from django.db.models import Sum


class Merchant(models.Model):
    """A shop that gets the money."""

    name = models.CharField(max_length=80, unique=True)

    def __str__(self):
        return self.name


class Payment(models.Model):
    """Money that a customer has paid to a merchant through a provider."""

    PROVIDERS = ["nordpay", "cardly", "banka"]

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.amount} {self.currency} to {self.merchant}"

    def refundable(self):
        """The amount that can still be refunded. A refund that has failed does not reduce it."""
        given = self.refunds.exclude(status=Refund.FAILED).aggregate(sum=Sum("amount"))["sum"]
        return self.amount - (given or 0)


class RefundQuerySet(models.QuerySet):
    def open(self):
        """The refunds that customers wait for, with the longest wait first."""
        return self.filter(status__in=Refund.OPEN).order_by("requested_at", "pk")


class Refund(models.Model):
    """Money that goes back to a customer. A refund is open until a provider's statement reports its end."""

    REQUESTED, SENT, SETTLED, FAILED = "requested", "sent", "settled", "failed"
    STATES = [(REQUESTED, "Requested"), (SENT, "Sent"), (SETTLED, "Settled"), (FAILED, "Failed")]
    OPEN = [REQUESTED, SENT]

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    status = models.CharField(max_length=10, choices=STATES, default=REQUESTED)
    requested_at = models.DateTimeField(auto_now_add=True)

    objects = RefundQuerySet.as_manager()

    def __str__(self):
        return f"refund {self.pk}, {self.status}"

    @property
    def is_open(self):
        return self.status in self.OPEN
