from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.RenameField("Product", "stock", "on_hand"),
        migrations.AlterField("Product", "on_hand", models.PositiveIntegerField(default=0)),
    ]
