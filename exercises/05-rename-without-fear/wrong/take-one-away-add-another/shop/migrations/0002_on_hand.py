from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.RemoveField(model_name="product", name="stock"),
        migrations.AddField(
            model_name="product", name="on_hand", field=models.PositiveIntegerField(blank=True, null=True)
        ),
    ]
