from django.db import migrations, models


class Migration(migrations.Migration):
    """The column keeps its name, so that the old and the new code can run together during a deploy."""

    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AlterField(
            "Product", "stock", models.PositiveIntegerField(blank=True, db_column="stock", null=True)
        ),
        migrations.RenameField("Product", "stock", "on_hand"),
    ]
