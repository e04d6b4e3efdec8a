from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=20)),
                ("subject_id", models.BigIntegerField()),
                ("text", models.CharField(max_length=200)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("subject", "subject_id"), name="one_note_each")]},
        ),
    ]
