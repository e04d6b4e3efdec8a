import django.db.models.deletion
from django.db import migrations, models

import payments.models

KINDS = [("payment", "Payment"), ("refund", "Refund")]
STATES = [("pending", "Pending"), ("done", "Done"), ("declined", "Declined")]


def key():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", key()),
                ("kind", models.CharField(choices=KINDS, default="payment", max_length=10)),
                ("provider", models.CharField(max_length=20)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("currency", models.CharField(max_length=3)),
                ("card", models.CharField(max_length=40)),
                ("status", models.CharField(choices=STATES, default="pending", max_length=10)),
                ("idempotency_key", models.CharField(max_length=255, null=True, unique=True)),
                ("reference", models.CharField(default=payments.models.new_reference, max_length=32, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                ("id", key()),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "payment",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="payments.payment"),
                ),
            ],
        ),
    ]
