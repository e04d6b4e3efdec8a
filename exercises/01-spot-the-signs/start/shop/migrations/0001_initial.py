import django.db.models.deletion
from django.db import migrations, models


def key():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def kept(model, **options):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=model, **options)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Product",
            fields=[
                key(),
                ("sku", models.CharField(max_length=20, unique=True)),
                ("title", models.CharField(max_length=80)),
                ("price", models.DecimalField(decimal_places=2, max_digits=10)),
                ("grams", models.PositiveIntegerField()),
                ("stock", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[
                key(),
                ("code", models.CharField(max_length=20, unique=True)),
                ("percent", models.PositiveSmallIntegerField()),
                ("until", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                key(),
                ("status", models.CharField(default="new", max_length=10)),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(max_length=80)),
                ("street", models.CharField(max_length=80)),
                ("town", models.CharField(max_length=80)),
                ("carrier", models.CharField(max_length=20)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("charge", models.CharField(blank=True, max_length=40)),
                ("voucher", kept("shop.voucher", blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                key(),
                ("quantity", models.PositiveSmallIntegerField(default=1)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="shop.order"
                    ),
                ),
                ("product", kept("shop.product")),
            ],
        ),
    ]
