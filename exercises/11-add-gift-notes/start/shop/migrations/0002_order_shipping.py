from django.db import migrations, models

SHIPPING = [("standard", "Standard"), ("express", "Express")]


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="order",
            name="shipping",
            field=models.CharField(choices=SHIPPING, default="standard", max_length=10),
        ),
    ]
