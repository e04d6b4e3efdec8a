from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0003_first_books")]
    operations = [
        migrations.AddField(
            model_name="order", name="gift_note", field=models.CharField(max_length=200, blank=True, default="")
        ),
        migrations.AddField(
            model_name="order", name="gift_from", field=models.CharField(max_length=80, blank=True, default="")
        ),
        migrations.AddField(
            model_name="order", name="gift_to", field=models.CharField(max_length=80, blank=True, default="")
        ),
        migrations.AddField(
            model_name="order",
            name="gift_wrapping",
            field=models.CharField(
                max_length=10, choices=[("none", "None"), ("paper", "Paper"), ("box", "Box")], default="none"
            ),
        ),
    ]
