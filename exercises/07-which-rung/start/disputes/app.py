"""A customer asks the bank for the money back. The merchant has some days to answer, or loses."""

from datetime import timedelta

import requests
from django.db import models
from django.utils import timezone


class Dispute(models.Model):
    provider = models.CharField(max_length=20)
    status = models.CharField(max_length=10, default="open")
    opened_at = models.DateTimeField(auto_now_add=True)

    def answer(self, evidence):  # the merchant's button
        if timezone.now() > self.opened_at + timedelta(days=21 if self.provider == "nordpay" else 14):
            raise ValueError("too late")
        requests.post("https://store.cardly.example/evidence", data=evidence, timeout=10)
        self.status = "answered"
        self.save()


def close_overdue():  # every night
    for dispute in Dispute.objects.filter(status="open"):
        if timezone.now().date() >= (dispute.opened_at + timedelta(days=14)).date():
            Dispute.objects.filter(pk=dispute.pk).update(status="lost")


def on_webhook(request, pk):  # the provider reports the result
    Dispute.objects.filter(pk=pk).update(status=request.POST["status"])
