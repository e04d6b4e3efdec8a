"""Each sign is found at its place, with file and line."""

import pytest

SHOP = """
    from django.db import models

    class Order(models.Model):
        status = models.CharField(max_length=9)
        total = models.DecimalField()

    class Stock(models.Model):
        count = models.IntegerField()
"""


def test_a_set_of_words_that_three_functions_decide_on_is_scattered(small):
    for name in ("fees", "exports", "mails"):
        small.write(
            f"shop/{name}.py",
            f"""
            def {name}(payment):
                if payment.method == "card":
                    return 1
                if payment.method in ("invoice", "paypal"):
                    return 2
            """,
        )

    finding = small.only("scattered-set")

    assert finding.title == "method is decided on in 3 places of 3 modules"
    assert finding.members == ("card", "invoice", "paypal")
    assert [place.path for place in (finding.where, *finding.places)] == [
        "shop/exports.py",
        "shop/fees.py",
        "shop/mails.py",
    ]
    assert finding.where.line == 3


def test_tables_count_among_the_places_of_a_set(small):
    small.write("shop/fees.py", 'FEES = {"card": 1, "invoice": 2, "paypal": 3}\n')
    small.write("shop/labels.py", 'LABELS = {"card": "Card", "invoice": "Invoice", "paypal": "PayPal"}\n')
    small.write(
        "shop/mails.py",
        """
        def subject(payment):
            if payment["method"] == "card" or payment["method"] == "paypal":
                return "paid"
        """,
    )

    finding = small.only("scattered-set")

    assert finding.title == "method is decided on in 3 places of 3 modules"
    assert "2 of the places are tables: FEES, LABELS" in finding.facts


def test_members_of_one_class_are_a_set_whatever_the_subject_is_called(small):
    small.write("shop/kinds.py", "class Kind:\n    BOOK = 'book'\n    GAME = 'game'\n    FILM = 'film'\n")
    for name in ("tax", "weight", "parcel"):
        small.write(
            f"shop/{name}.py",
            f"""
            from shop.kinds import Kind

            def {name}(old_kind):
                match old_kind:
                    case Kind.BOOK | Kind.GAME:
                        return 1
                    case Kind.FILM:
                        return 2
            """,
        )

    assert small.only("scattered-set").title == "Kind.kind is decided on in 3 places of 3 modules"


def test_a_view_that_decides_writes_two_tables_and_sends_is_a_fat_entry(small):
    small.write("shop/models.py", SHOP)
    small.write(
        "shop/views.py",
        """
        from django.core.mail import send_mail
        from .models import Order, Stock

        def checkout(request):
            for line in request.POST.getlist("line"):
                if line:
                    for stock in Stock.objects.filter(name=line):
                        if stock.count > 0 and stock.name:
                            if stock.is_sold:
                                stock.count = 3
                                stock.save()
            order = Order.objects.create(status="new")
            if order.total > 100 or order.status:
                send_mail("thanks", "", None, [])
        """,
    )

    finding = small.only("fat-entry")

    assert finding.title == "checkout() decides, writes 2 times and sends"
    assert finding.where.path == "shop/views.py"
    assert finding.where.line == 5
    assert "writes Order, Stock" in finding.facts


@pytest.mark.parametrize(
    "connection",
    [
        "@receiver(post_save, sender=Order)\n{body}",
        "{body}\npost_save.connect(booked, sender=Order)",
    ],
)
def test_a_receiver_that_writes_another_table_is_hidden_work(small, connection):
    small.write("shop/models.py", SHOP)
    body = "def booked(sender, instance, **kwargs):\n    Stock.objects.filter(order=instance).update(count=0)"
    head = "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\n"
    small.write("shop/signals.py", head + "from .models import Order, Stock\n" + connection.format(body=body))

    finding = small.only("hidden-work")

    assert finding.title == "Saving an Order also writes Stock"
    assert finding.where.path == "shop/signals.py"


@pytest.mark.parametrize(
    "work", ["Stock.objects.bulk_create(rows_of(instance))", "restock(instance)"], ids=["itself", "a call away"]
)
def test_a_receiver_that_creates_many_rows_for_a_new_one_is_hidden_work(small, work):
    small.write("shop/models.py", SHOP)
    small.write(
        "shop/stock.py", "from .models import Stock\n\ndef restock(order):\n    Stock.objects.bulk_create([])\n"
    )
    head = "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\n"
    head += "from .models import Order, Stock\nfrom .stock import restock\n\n@receiver(post_save, sender=Order)\n"
    hook = f"def booked(sender, instance, created, **kwargs):\n    if not created:\n        return\n    {work}\n"
    small.write("shop/signals.py", head + hook)

    assert small.only("hidden-work").title == "Saving an Order also writes Stock"


def test_a_save_that_sends_mail_two_calls_away_is_hidden_work(small):
    small.write(
        "shop/mail.py",
        "from django.core.mail import send_mail\n\ndef thank(order):\n    tell(order)\n\ndef tell(order):\n    send_mail('thanks', '', None, [])\n",
    )
    small.write(
        "shop/models.py",
        """
        from django.db import models
        from .mail import thank

        class Order(models.Model):
            def save(self, *args, **kwargs):
                super().save(*args, **kwargs)
                thank(self)
        """,
    )

    assert small.only("hidden-work").title == "Saving an Order also calls thank()"


SAVES = """
    from django.db import models

    class Account(models.Model):
        def save(self, *args, **kwargs):
            created = not self.pk
            super().save(*args, **kwargs)
            if created:
                Key.objects.create(account=self)

    class Key(models.Model):
        account = models.ForeignKey(Account, on_delete=models.CASCADE)

    class Notice(models.Model):
        account = models.ForeignKey(Account, on_delete=models.CASCADE)

    class Move(models.Model):
        account = models.ForeignKey(Account, on_delete=models.CASCADE)

        def save(self, *args, **kwargs):
            super().save(*args, **kwargs)
            self.account.save({fields})
            for one in self.account.followers.all():
                Notice.objects.create(account=one)
"""


def test_a_manager_call_in_a_mixin_writes_the_table_of_the_model_that_has_it(small):
    small.write(
        "shop/models.py",
        """
        from django.db import models
        from django.db.models.signals import post_save
        from django.dispatch import receiver

        class Order(models.Model):
            pass

        class Rooted:
            @classmethod
            def root(cls):
                return cls.objects.create(key="1")

        class Node(Rooted, models.Model):
            key = models.CharField(max_length=9)

        @receiver(post_save, sender=Order)
        def make_root(sender, instance, **kwargs):
            Node.root()
        """,
    )

    assert small.only("hidden-work").title == "Saving an Order also writes Node"


def test_a_signal_of_the_project_is_named_and_only_listed_whatever_its_name_begins_with(small):
    small.write(
        "shop/signals.py",
        """
        import requests
        from django.dispatch import Signal, receiver

        post_order_paid = Signal()

        @receiver(post_order_paid)
        def tell(sender, **kwargs):
            requests.post("https://example.com", timeout=3)
        """,
    )

    finding = small.only("hidden-work")

    assert finding.title.startswith("The signal post_order_paid also calls")
    assert finding.is_brief


def test_what_a_save_does_itself_is_named_before_what_it_calls(small):
    small.write("shop/models.py", SAVES.format(fields=""))

    titles = [finding.title for finding in small.report().findings]

    assert "Saving a Move also writes Account, Notice, Key" in titles


def test_saving_some_fields_of_a_row_does_nothing_that_is_for_new_rows(small):
    small.write("shop/models.py", SAVES.format(fields='update_fields=["moved_to"]'))

    titles = [finding.title for finding in small.report().findings]

    assert "Saving a Move also writes Account, Notice" in titles


@pytest.mark.parametrize(
    "test, quiet",
    [
        ('hasattr(instance, "_quiet")', True),
        ('getattr(instance, "_quiet", False)', True),
        ('not hasattr(instance, "slug")', False),
        ('created or not hasattr(instance, "slug")', False),
    ],
)
def test_a_flag_on_the_row_keeps_a_receiver_quiet_and_a_check_of_its_kind_does_not(small, test, quiet):
    small.write(
        "shop/models.py",
        f"""
        import requests
        from django.db import models
        from django.db.models.signals import post_save
        from django.dispatch import receiver

        class Order(models.Model):
            pass

        @receiver(post_save, sender=Order)
        def tell(sender, instance, created=False, **kwargs):
            if {test}:
                return
            requests.post("https://example.com", timeout=3)
        """,
    )

    assert any("kept quiet" in fact for fact in small.only("hidden-work").facts) == quiet


def test_a_task_that_is_queued_inside_a_transaction_is_too_early(small):
    small.write(
        "shop/refunds.py",
        """
        from django.db import transaction

        def refund(order):
            with transaction.atomic():
                order.refunded = True
                tell(order)

        def tell(order):
            send_refund_mail.delay(order.pk)
        """,
    )

    finding = small.only("world-in-transaction")

    assert finding.where.line == 7
    assert finding.where.note == "tell() → send_refund_mail.delay"


def test_under_atomic_requests_a_view_sends_too_early_after_its_first_write(small):
    small.write("config/settings.py", 'DATABASES = {"default": {"ATOMIC_REQUESTS": True}}\n')
    small.write("shop/models.py", SHOP)
    small.write(
        "shop/views.py",
        """
        import requests
        from .models import Order

        def pay(request):
            Order.objects.create(status="new")
            requests.post("https://pay.example.com", timeout=3)
        """,
    )

    assert small.only("world-in-transaction").where.line == 7


def test_a_table_that_other_apps_write_in_ten_places_of_six_modules(small):
    small.write("shop/models.py", SHOP)
    for app in ("cart", "refunds", "reports"):
        small.write(f"{app}/models.py", "")
        for name in ("first", "second"):
            writes = "\n".join(f"    Order.objects.filter(pk={n}).update(total={n})" for n in (1, 2))
            small.write(f"{app}/{name}.py", f"from shop.models import Order\n\ndef {name}():\n{writes}\n")

    finding = small.only("scattered-writes")

    assert finding.title == "Order is written in 12 places of 6 modules"
    assert finding.facts == ["changed by update 12", "3 other apps: cart, refunds, reports"]


def test_one_rule_in_six_queries_of_three_modules_is_the_same_condition(small):
    for name in ("lists", "feeds", "exports"):
        queries = "\n".join(f"    Product.objects.filter(active=True, hidden=False)  # {n}" for n in (1, 2))
        small.write(f"shop/{name}.py", f"def {name}():\n{queries}\n")

    finding = small.only("same-condition")

    assert finding.title == "One condition on active, hidden is repeated in 6 queries of 3 modules"
    assert finding.name == "active=True, hidden=False"


def test_a_function_that_tests_patch_under_two_paths_is_a_patched_door(small):
    small.write("shop/gateway.py", "def charge(): ...\n")
    for name in ("views", "tasks"):
        small.write(f"shop/{name}.py", "from .gateway import charge\n")
    for number in range(3):
        paths = ["shop.views.charge", "shop.tasks.charge"] * 2
        tests = "\n".join(f'@patch("{path}")\ndef test_{n}(charge): ...' for n, path in enumerate(paths))
        small.write(f"shop/tests/test_{number}.py", tests)

    assert small.only("patched-door").title == "Tests patch charge 12 times, under 2 paths"


def test_five_apps_that_import_each_other_are_a_circle(small):
    apps = ["cart", "catalog", "mails", "orders", "refunds"]
    for app, other in zip(apps, [*apps[1:], apps[0]], strict=True):
        small.write(f"{app}/models.py", f"from {other} import models as {other}\n")

    finding = small.only("app-circle")

    assert finding.title == "5 of 5 apps import each other in a circle"
    assert finding not in small.report().in_full


def test_five_serializers_with_all_fields_publish_the_table(small):
    classes = "\n".join(
        f"class S{n}Serializer(ModelSerializer):\n    class Meta:\n        model = Order\n        fields = '__all__'\n"
        for n in range(5)
    )
    small.write("shop/serializers.py", f"from rest_framework.serializers import ModelSerializer\n\n{classes}")
    small.write("shop/models.py", SHOP)

    assert small.only("table-is-api").title == "5 serializers of shop publish every column of their table"


def test_a_counter_that_is_read_changed_and_saved_can_lose_a_write(small):
    small.write("shop/models.py", SHOP)
    small.write(
        "shop/stock.py",
        """
        from .models import Stock

        def take(number):
            stock = Stock.objects.get(pk=number)
            stock.count -= 1
            stock.save()
        """,
    )

    assert small.only("lost-write").title == "take() can lose a change of Stock.count"


def test_a_status_that_three_modules_set_has_no_owner(small):
    small.write("shop/models.py", SHOP)
    for name in ("paid", "sent", "closed"):
        text = (
            f"from .models import Order\n\ndef {name}(order: Order):\n    order.status = '{name}'\n    order.save()\n"
        )
        small.write(f"shop/{name}.py", text)

    assert small.only("unowned-state").title == "Order.status is set to 3 values in 3 modules"


def test_a_project_names_its_own_senders_and_wrappers(small):
    small.write(
        "shop/refunds.py",
        """
        from shop.database import in_one_go
        from shop.messages import messenger

        @in_one_go
        def refund(order):
            messenger.tell(order)
        """,
    )

    assert small.signs() == []
    assert small.signs(sends=("messages.messenger",), atomic=("in_one_go",)) == ["world-in-transaction"]


@pytest.mark.parametrize(
    "work, title",
    [
        ("Stock.objects.book()", "Saving an Order also writes Stock"),
        ("for stock in instance.stocks_of(1).all():\n        stock.delete()", "Saving an Order also writes Stock"),
        (
            "stripe_client = client()\n    stripe_client.customers.update(1)",
            "Saving an Order also calls customers.update",
        ),
    ],
    ids=["a manager's method", "a row by its name", "a client by its name"],
)
def test_hidden_work_is_seen_through_managers_and_names(small, work, title):
    small.write(
        "shop/models.py",
        """
        from django.db import models

        class StockManager(models.Manager):
            def book(self):
                Stock.objects.filter(count=0).delete()

        class Order(models.Model):
            total = models.DecimalField()

        class Stock(models.Model):
            count = models.IntegerField()
            objects = StockManager()
        """,
    )
    head = (
        "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\nfrom .models import *\n"
    )
    small.write(
        "shop/signals.py", f"{head}\n@receiver(post_save, sender=Order)\ndef hook(instance, **kwargs):\n    {work}\n"
    )

    assert small.only("hidden-work").title == title
