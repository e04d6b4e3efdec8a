"""The size of the change, and the upgrade of old orders. One function for each architecture check."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import budget, database, memory, migrations, running

LAST_YEAR = datetime(datetime.now(UTC).year - 1, 11, 22, 12, tzinfo=UTC)
EMAIL = "old@example.com"


def last_years_orders_come_along(project: Project) -> Iterator[Finding]:
    """Upgrade an old database with orders, as a deploy does, and then read the orders over HTTP."""
    running.start_django()
    models = migrations.as_at_start(project, "shop")
    book = models.get_model("shop", "Product").objects.create(title="Old", price="10.00", stock=5)
    plain = _order_of_last_year(models, book, quantity=1)
    full = _order_of_last_year(models, book, quantity=6, shipping="express", voucher="7.50")
    at = Finding("shop/migrations", 0, "")
    if stopped := migrations.upgrade(project, "shop"):
        yield Finding(stopped.file, stopped.line, f"the migrations stop with {stopped.found}")
        return
    was = {"email": EMAIL, "gift_note": "", "voucher": "0.00", "shipping": "4.90", "due": "14.90"}
    yield from _looked_at(project, plain, was)
    yield from _looked_at(project, full, was | {"voucher": "7.50", "shipping": "12.90", "due": "65.40"})
    from django.test import Client

    body = {"email": "new@example.com", "lines": [{"product": book.pk, "quantity": 1}]}
    _, problem = running.attempt(project, at, lambda: Client().post("/orders", body, content_type="application/json"))
    if problem:
        yield Finding(at.file, at.line, f"a new order after the upgrade crashed at {problem.place}: {problem.found}")


def a_restart_keeps_the_note(project: Project) -> Iterator[Finding]:
    """Order with a note, restart the process and empty its caches. Other checks report an order that fails."""
    at = Finding("shop/models.py", 0, "")
    made, problem = running.attempt(project, at, lambda: _ordered_with_a_note(project))
    if problem:
        return
    before, invoice = made
    was = invoice()
    memory.forget(before)
    _empty_caches()
    now = invoice()
    if now != was:
        yield Finding(
            at.file, at.line, f"before a restart, an invoice has the note {was!r}; after the restart, it is {now!r}"
        )


def no_more_than_asked_for(project: Project) -> Iterator[Finding]:
    yield from budget.beyond(project, new_files=2, lines=30, reason=budget.REASON)


def _ordered_with_a_note(project: Project) -> tuple[memory.Memory, Callable[[], Any]]:
    """The process's memory before the order, and a function that reads the note on its invoice."""
    database.make()
    from django.test import Client

    book = Client().get("/products").json()["products"][0]["id"]
    before = memory.of(project)
    body = {"email": EMAIL, "lines": [{"product": book, "quantity": 1}], "gift_note": "For Zoë"}
    order = Client().post("/orders", body, content_type="application/json").json()["id"]
    return before, lambda: Client().get(f"/orders/{order}/invoice").json().get("gift_note")


def _empty_caches() -> None:
    from django.core.cache import caches

    for cache in caches.all():
        cache.clear()


def _order_of_last_year(models: Any, book: Any, quantity: int, **fields: Any) -> Any:
    orders = models.get_model("shop", "Order").objects
    order = orders.create(email=EMAIL, **fields)
    orders.filter(pk=order.pk).update(created_at=LAST_YEAR)
    models.get_model("shop", "Line").objects.create(order=order, product=book, quantity=quantity, price=book.price)
    return order


def _looked_at(project: Project, order: Any, was: dict[str, str]) -> Iterator[Finding]:
    from django.test import Client

    at = Finding("shop/migrations", 0, "")
    invoice, problem = running.attempt(project, at, lambda: Client().get(f"/orders/{order.pk}/invoice").json())
    if problem:
        yield Finding(at.file, at.line, f"the invoice of last year's order crashed at {problem.place}: {problem.found}")
        return
    was = {"number": f"{LAST_YEAR.year}-{order.pk:05}"} | was
    said = {name: invoice.get(name, "") for name in was}
    if other := [name for name in was if said[name] != was[name]]:
        found = ", ".join(f"{name} {said[name]!r} instead of {was[name]!r}" for name in other)
        yield Finding(at.file, at.line, f"the invoice of last year's order has {found}")
