from django.db import migrations, models
from django.db.models import F


def forward(apps, schema_editor):
    Product = apps.get_model("shop", "Product")
    Product.objects.update(on_hand=F("stock"))


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField("product", "on_hand", models.PositiveIntegerField(null=True, blank=True)),
        migrations.RunPython(forward, migrations.RunPython.noop),
        migrations.RemoveField("product", "stock"),
    ]
