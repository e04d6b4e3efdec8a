from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.SlugField(unique=True)),
                ("card", models.CharField(max_length=40)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("currency", models.CharField(max_length=3)),
                ("state", models.CharField(default="authorized", max_length=10)),
                ("charge", models.CharField(blank=True, max_length=40)),
                ("failure", models.CharField(blank=True, max_length=140)),
            ],
        ),
    ]
