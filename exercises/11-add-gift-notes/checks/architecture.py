"""What a gift note may cost, and what becomes of last year's orders. One function for each architecture check."""

from collections.abc import Iterator

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import budget, migrations, running


def last_years_orders_come_along(project: Project) -> Iterator[Finding]:
    """Upgrades a database of yesterday, with an order in it, as a deploy does; then looks at it over HTTP."""
    running.start_django()
    models = migrations.as_at_start(project, "shop")
    book = models.get_model("shop", "Product").objects.create(title="Old", price="10.00", stock=5)
    old = models.get_model("shop", "Order").objects.create(email="old@example.com")
    models.get_model("shop", "Line").objects.create(order=old, product=book, quantity=1, price="10.00")
    at = Finding("shop/migrations", 0, "")
    if stopped := migrations.upgrade(project, "shop"):
        yield Finding(stopped.file, stopped.line, f"the migrations stop with {stopped.found}")
        return
    from django.test import Client

    invoice, problem = running.attempt(project, at, lambda: Client().get(f"/orders/{old.pk}/invoice").json())
    if problem:
        yield Finding(
            at.file, at.line, f"the invoice of an order of last year crashed at {problem.place}: {problem.found}"
        )
        return
    if invoice.get("gift_note", "") != "" or invoice["due"] != "14.90":
        said = {name: invoice.get(name) for name in ("gift_note", "due")}
        yield Finding(at.file, at.line, f"the invoice of an order of last year, 14.90 without a note, says {said}")
    body = {"email": "new@example.com", "lines": [{"product": book.pk, "quantity": 1}]}
    _, problem = running.attempt(project, at, lambda: Client().post("/orders", body, content_type="application/json"))
    if problem:
        yield Finding(
            at.file, at.line, f"a new order on last year's tables crashed at {problem.place}: {problem.found}"
        )


def no_more_than_asked_for(project: Project) -> Iterator[Finding]:
    yield from budget.beyond(project, new_files=2, lines=60, reason=budget.REASON)
