"""Constructs of good Django code raise no finding."""

import pytest

MODELS = """
    from django.db import models

    class Order(models.Model):
        status = models.CharField(max_length=9)
        picture = models.FileField()

    class Profile(models.Model):
        order = models.ForeignKey(Order, related_name="profiles")

    class AuditLog(models.Model):
        text = models.TextField()
"""
RECEIVER = """
    import requests
    from django.core.cache import cache
    from django.db import transaction
    from django.db.models.signals import post_delete, post_save
    from django.dispatch import receiver
    from .models import AuditLog, Order, Profile

    @receiver({signal}, sender=Order)
    def hook(sender, instance, created=False, **kwargs):
        {body}
"""


@pytest.mark.parametrize(
    "signal, body",
    [
        ("post_save", "AuditLog.objects.create(text=str(instance))"),
        ("post_save", "cache.delete(instance.pk)"),
        ("post_save", "transaction.on_commit(lambda: requests.post('https://example.com', timeout=3))"),
        ("post_save", "send_mail_task.delay_on_commit(instance.pk)"),
        ("post_save", "if created: Profile.objects.create(order=instance)"),
        ("post_delete", "instance.picture.delete(save=False)"),
        ("post_delete", "remove_picture.delay(instance.pk)"),
    ],
    ids=["audit log", "cache", "on_commit", "delay_on_commit", "one new row", "own file", "one clean-up"],
)
def test_a_receiver_that_is_honest_stays_silent(small, signal, body):
    small.write("shop/models.py", MODELS)
    small.write("shop/signals.py", RECEIVER.format(signal=signal, body=body))

    assert small.signs() == []


def test_a_receiver_that_takes_a_deleted_row_out_of_another_table_is_only_listed(small):
    small.write("shop/models.py", MODELS)
    body = "profile.order_ids.remove(instance.pk)\n            profile.save()"
    loop = f"for profile in Profile.objects.filter(order_ids__contains=instance.pk):\n            {body}"
    small.write("shop/signals.py", RECEIVER.format(signal="post_delete", body=loop))

    report = small.report()

    assert [finding.is_brief for finding in report.findings] == [True]
    assert report.in_full == []


@pytest.mark.parametrize("row, found", [("self.run", []), ("order", ["mixed-function"])], ids=["its record", "a row"])
def test_a_job_that_saves_only_how_far_it_is_is_no_mixed_function(small, row, found):
    small.write("shop/models.py", MODELS)
    branches = "\n".join(f"            if x == {n} and y:\n                x = {n + 1}" for n in range(8))
    small.write(
        "shop/jobs.py",
        f"""
import requests

class Job:
    def start(self, order, x, y):
        {row}.status = "running"
        {row}.save()
        for y in range(3):
{branches}
            requests.get("https://example.com", timeout=3)
        {row}.status = "done"
        {row}.save()
""",
    )

    assert small.signs() == found


def test_a_save_that_is_tried_again_in_an_except_is_one_write(small):
    small.write("shop/models.py", MODELS)
    branches = "\n".join(f"        if order.status == '{n}' and x:\n            y = {n}" for n in range(8))
    small.write(
        "shop/take.py",
        f"""
from .models import Order

def take(x):
    for order in Order.objects.all():
{branches}
        try:
            order.save(quiet=True)
        except TypeError:
            order.save()
        tell.delay(order.pk)
""",
    )

    assert small.signs() == []


@pytest.mark.parametrize("decorator", ["on_commit", "run_on_commit", "on_transaction_commit", "later"])
def test_a_receiver_whose_decorator_waits_for_the_commit_stays_silent(small, decorator):
    small.write("shop/models.py", MODELS)
    text = RECEIVER.format(signal="post_save", body="requests.post('https://example.com', timeout=3)")
    small.write("shop/signals.py", text.replace("    def hook", f"    @{decorator}\n    def hook"))

    assert small.signs(on_commit=("shop.wrappers.later",)) == []


def test_a_registry_is_one_place_and_no_scattered_set(small):
    for kind in ("card", "invoice", "paypal"):
        small.write(f"shop/methods/{kind}.py", f"def fee(): ...\n\nNAME = '{kind}'\n")
    small.write("shop/registry.py", 'METHODS = {"card": card, "invoice": invoice, "paypal": paypal}\n')
    small.write("shop/fees.py", "def fee(payment):\n    return METHODS[payment.method].fee()\n")

    assert small.signs() == []


def test_choices_with_two_members_are_no_scattered_set(small):
    for name in ("lists", "mails", "exports", "feeds"):
        text = "def f(x):\n    if x.kind == 'private' or x.kind == 'business':\n        return 1\n"
        small.write(f"shop/{name}.py", text)

    assert small.signs() == []


@pytest.mark.parametrize(
    "subject, members",
    [
        ("self.action", ("list", "retrieve", "archive")),
        ("request.method", ("GET", "POST", "DELETE")),
        ("action", ("pre_add", "post_add", "post_remove")),
        ("level", ("debug", "info", "error")),
        ("code", ("en", "de", "fr")),
        ("mime_type", ("image/png", "image/jpeg", "application/pdf")),
    ],
    ids=["DRF actions", "HTTP methods", "m2m actions", "log levels", "languages", "media types"],
)
def test_sets_that_are_not_the_projects_own_stay_silent(small, subject, members):
    one, two, three = members
    for name in ("lists", "mails", "exports"):
        text = f"def f(self, request, action, level, code, mime_type):\n    if {subject} in ('{one}', '{two}') or {subject} == '{three}':\n        return 1\n"
        small.write(f"shop/{name}.py", text)

    assert small.signs() == []


@pytest.mark.parametrize(
    "path",
    [
        "shop/migrations/0002_more.py",
        "shop/management/commands/load.py",
        "shop/seeds.py",
        "utils/generate_fake_data/orders.py",
        "shop/tests/test_orders.py",
    ],
)
def test_migrations_commands_seeds_and_tests_raise_nothing(small, path):
    small.write(
        path,
        """
        import requests
        from django.db import transaction

        def forwards():
            with transaction.atomic():
                requests.post("https://example.com", timeout=3)
        """,
    )

    assert small.signs() == []


def test_what_waits_for_the_commit_is_not_too_early(small):
    small.write(
        "shop/refunds.py",
        """
        from functools import partial
        from django.db import transaction

        @transaction.atomic
        def refund(order):
            transaction.on_commit(lambda: send_refund_mail.delay(order.pk))
            transaction.on_commit(partial(send_refund_mail.delay, order.pk))
            send_refund_mail.delay_on_commit(order.pk)
        """,
    )

    assert small.signs() == []


def test_a_task_may_queue_its_own_next_round_in_a_transaction(small):
    small.write(
        "shop/tasks.py",
        """
        from celery import shared_task
        from django.db import transaction

        @shared_task
        def sweep(start):
            with transaction.atomic():
                sweep.apply_async((start + 100,), countdown=5)
        """,
    )

    assert small.signs() == []


@pytest.mark.parametrize(
    "change",
    [
        "stock.count = F('count') - 1",
        "stock = Stock.objects.select_for_update().get(pk=1); stock.count -= 1",
        "stock = Stock(); stock.count += 1",
        "stock.name += 'x'",
    ],
    ids=["F", "lock", "new row", "text"],
)
def test_a_counter_that_cannot_lose_a_write_stays_silent(small, change):
    fields = "    count = models.IntegerField()\n    name = models.CharField()\n"
    small.write("shop/models.py", f"from django.db import models\n\nclass Stock(models.Model):\n{fields}")
    text = f"from .models import Stock\n\ndef take(stock: Stock):\n    {change}\n    stock.save()\n"
    small.write("shop/stock.py", text)

    assert small.signs() == []


def test_a_door_that_all_tests_patch_under_one_path_is_a_port(small):
    small.write("shop/gateway.py", "def charge(): ...\n")
    for number in range(3):
        tests = "\n".join(f'@patch("shop.gateway.charge")\ndef test_{n}(charge): ...' for n in range(5))
        small.write(f"shop/tests/test_{number}.py", tests)

    assert small.signs() == []


def test_two_functions_of_one_name_are_two_doors(small):
    for name in ("views", "tasks"):
        small.write(f"shop/{name}.py", "def charge(): ...\n")
    for number in range(3):
        paths = ["shop.views.charge", "shop.tasks.charge"] * 2
        tests = "\n".join(f'@patch("{path}")\ndef test_{n}(charge): ...' for n, path in enumerate(paths))
        small.write(f"shop/tests/test_{number}.py", tests)

    assert small.signs() == []


def test_an_entry_that_only_stores_in_bulk_what_was_decided_elsewhere_is_not_fat(small):
    small.write("shop/models.py", MODELS)
    branches = "\n".join(f"        if row.n == {n} and row.is_new:\n            new.append(row)" for n in range(9))
    small.write(
        "shop/views.py",
        f"from .models import Order, Profile\n\ndef save_all(request, new, rows):\n    for row in rows:\n{branches}\n"
        "    Order.objects.bulk_create(new)\n    Order.objects.bulk_update(rows, ['status'])\n"
        "    Profile.objects.bulk_create(new)\n",
    )

    assert small.signs() == []


def test_a_save_that_keeps_a_total_of_its_parent_in_step_is_never_shown_in_full(small):
    small.write(
        "shop/models.py",
        """
        from django.db import models

        class Review(models.Model):
            votes = models.IntegerField()

        class Vote(models.Model):
            review = models.ForeignKey(Review)

            def save(self, *args, **kwargs):
                super().save(*args, **kwargs)
                Review.objects.filter(pk=self.review_id).update(votes=3)
        """,
    )

    assert small.report().in_full == []


def test_a_comment_with_a_reason_leaves_a_finding_and_one_without_does_not(small):
    text = """
        from django.db import transaction

        def refund(order):
            with transaction.atomic():
                ask_bank.delay(order.pk)  # signs: leave world-in-transaction{why}
        """
    small.write("shop/refunds.py", text.format(why=" the bank may refuse"))
    left = small.report()
    small.write("shop/refunds.py", text.format(why=""))
    not_left = small.report()

    assert left.findings == []
    assert [why for _, why in left.silenced] == ["the bank may refuse"]
    assert [finding.sign for finding in not_left.findings] == ["world-in-transaction"]
