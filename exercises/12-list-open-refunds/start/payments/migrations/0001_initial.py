from django.db import migrations, models
from django.db.models.deletion import PROTECT

STATES = [("requested", "Requested"), ("sent", "Sent"), ("settled", "Settled"), ("failed", "Failed")]


def key():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Merchant",
            fields=[
                ("id", key()),
                ("name", models.CharField(max_length=80, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", key()),
                ("merchant", models.ForeignKey(on_delete=PROTECT, related_name="payments", to="payments.merchant")),
                ("provider", models.CharField(max_length=20)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("currency", models.CharField(max_length=3)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", key()),
                ("payment", models.ForeignKey(on_delete=PROTECT, related_name="refunds", to="payments.payment")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("status", models.CharField(choices=STATES, default="requested", max_length=10)),
                ("requested_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
