from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.RenameField("Product", "stock", "on_hand"),
        migrations.CreateModel(
            name="ProductForApps",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(max_length=20, unique=True)),
                ("title", models.CharField(max_length=80)),
                ("price", models.DecimalField(decimal_places=2, max_digits=10)),
                ("stock", models.PositiveIntegerField(blank=True, db_column="on_hand", null=True)),
            ],
            options={"managed": False, "db_table": "shop_product", "verbose_name": "product"},
        ),
    ]
