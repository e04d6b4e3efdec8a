from uuid import uuid4

from django.db import models


def new_reference():
    return uuid4().hex


class Payment(models.Model):
    """Money that moves through a provider, in either direction. The ledger adds the fees."""

    PAYMENT, REFUND = "payment", "refund"
    KINDS = [(PAYMENT, "Payment"), (REFUND, "Refund")]
    PENDING, DONE, DECLINED = "pending", "done", "declined"
    STATES = [(PENDING, "Pending"), (DONE, "Done"), (DECLINED, "Declined")]

    kind = models.CharField(max_length=10, choices=KINDS, default=PAYMENT)
    provider = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    card = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=STATES, default=PENDING)
    # From the merchant's request. A refund has none.
    idempotency_key = models.CharField(max_length=255, unique=True, null=True)
    # For the provider: it processes a reference once and repeats its first answer if asked again.
    reference = models.CharField(max_length=32, unique=True, default=new_reference)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.kind} of {self.amount} {self.currency} through {self.provider}"


class Outbox(models.Model):
    """A payment to send to its provider. `manage.py send_outbox` does that every few seconds."""

    payment = models.OneToOneField(Payment, on_delete=models.CASCADE)
    sent_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"{self.payment}, {'sent' if self.sent_at else 'due'}"
