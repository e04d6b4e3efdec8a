import django.db.models.deletion
from django.db import migrations, models


def key():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def to(model, on_delete):
    return models.ForeignKey(on_delete=on_delete, related_name="lines", to=model)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", key()),
                ("sku", models.CharField(max_length=20, unique=True)),
                ("title", models.CharField(max_length=80)),
                ("price", models.DecimalField(decimal_places=2, max_digits=10)),
                ("stock", models.PositiveIntegerField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Cart",
            fields=[
                ("id", key()),
                ("currency", models.CharField(max_length=3)),
                ("voucher", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("ordered", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                ("id", key()),
                ("quantity", models.PositiveSmallIntegerField(default=1)),
                ("cart", to("shop.cart", django.db.models.deletion.CASCADE)),
                ("product", to("shop.product", django.db.models.deletion.PROTECT)),
            ],
            options={"ordering": ["pk"]},
        ),
    ]
