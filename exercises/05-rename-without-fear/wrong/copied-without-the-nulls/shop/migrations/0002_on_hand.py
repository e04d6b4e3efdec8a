from django.db import migrations, models
from django.db.models import F


def copy(apps, schema_editor):
    apps.get_model("shop", "Product").objects.filter(stock__gt=0).update(on_hand=F("stock"))


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField("Product", "on_hand", models.PositiveIntegerField(null=True, blank=True)),
        migrations.RunPython(copy),
        migrations.RemoveField("Product", "stock"),
    ]
