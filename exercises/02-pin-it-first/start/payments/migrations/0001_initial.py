import django.db.models.deletion
from django.db import migrations, models

KINDS = [("payment", "Payment"), ("refund", "Refund"), ("chargeback", "Chargeback")]


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=20)),
                ("kind", models.CharField(choices=KINDS, default="payment", max_length=10)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("currency", models.CharField(max_length=3)),
                ("fee_total", models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ("paid_on", models.DateField()),
                (
                    "original",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="payments.payment",
                    ),
                ),
            ],
        ),
    ]
