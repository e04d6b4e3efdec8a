from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0004_gift_note")]
    operations = [
        migrations.AddField(
            model_name="order",
            name="shipping",
            field=models.CharField(
                choices=[("standard", "Standard"), ("express", "Express")], default="standard", max_length=10
            ),
        ),
    ]
