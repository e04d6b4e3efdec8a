from django.db import migrations

BOOKS = [("Fjord", "18.00", 40), ("Moss and Stone", "24.50", 12), ("The Last Ferry", "9.90", 3)]


def add_books(apps, schema_editor):
    product = apps.get_model("shop", "Product")
    product.objects.bulk_create(product(title=title, price=price, stock=stock) for title, price, stock in BOOKS)


class Migration(migrations.Migration):
    dependencies = [("shop", "0002b_gift_note")]
    operations = [migrations.RunPython(add_books, migrations.RunPython.noop)]
