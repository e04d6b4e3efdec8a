"""Requirements for the API. One function for each architecture check of exercise.toml."""

import ast
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import budget, migrations, running, source

MODELS = "shop/models.py"
WRITES = "shop/migrations"
ON_SHELVES = {"B-1": 7, "B-2": None, "B-3": 0}
NEW = "bought_for"  # an internal column


def the_field_is_renamed(project: Project) -> Iterator[Finding]:
    product = _product(project)
    if isinstance(product, Finding):
        yield product
        return
    at = source.line_of(project, MODELS, "Product")
    if "on_hand" not in (names := _fields(product)):
        yield Finding(MODELS, at, f"Product has no field on_hand; its fields are {', '.join(sorted(names))}")
    elif "stock" in names:
        yield Finding(MODELS, at, "Product has both on_hand and stock")
    else:
        field = product._meta.get_field("on_hand")
        was = ("PositiveIntegerField", True, False)
        if (kind := (field.get_internal_type(), field.null, field.has_default())) != was:
            differs = f"a {kind[0]}{' that may be null' if kind[1] else ''}{' with a default' if kind[2] else ''}"
            yield Finding(MODELS, at, f"on_hand is {differs}, and stock was a PositiveIntegerField that may be null")


def the_numbers_survive(project: Project) -> Iterator[Finding]:
    """Rows from before the learner's migrations must have the same numbers after them."""
    product = _product(project)
    if isinstance(product, Finding):
        return  # another check reports it
    field = next((name for name in ("on_hand", "stock") if name in _fields(product)), None)
    if field is None:
        return
    before = migrations.as_at_start(project, "shop").get_model("shop", "Product")
    for sku, number in ON_SHELVES.items():
        before.objects.create(sku=sku, title="A book", price=Decimal("19.90"), stock=number)
    if problem := migrations.upgrade(project, "shop"):
        yield problem
        return
    counted, problem = running.attempt(
        project,
        Finding(WRITES, 0, ""),
        lambda: dict(product.objects.order_by("sku").values_list("sku", field)),
    )
    if problem:
        yield Finding(WRITES, 0, f"after the migrations an existing database has no column for Product.{field}")
    elif counted != ON_SHELVES:
        sku, number = next((sku, number) for sku, number in ON_SHELVES.items() if counted.get(sku) != number)
        yield Finding(WRITES, 0, f"{sku} had {number} before the migrations and has {counted.get(sku)} after them")


def new_columns_stay_inside(project: Project) -> Iterator[Finding]:
    """Add a column to Product, as next month's change will, and look for it in each answer."""
    product = _product(project)
    if isinstance(product, Finding):
        return
    from django.db import models
    from django.test import Client

    migrations.as_at_start(project, "shop")
    if migrations.upgrade(project, "shop"):
        return
    add = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal("3.10"))
    if running.attempt(project, Finding(MODELS, 0, ""), lambda: migrations.add_column(product, NEW, add))[1]:
        return
    client = Client(raise_request_exception=False)
    book = {"sku": "B-1", "title": "A book", "price": "19.90", "stock": 7}
    for method, address, body in (
        ("post", "/products", book),
        ("get", "/products", None),
        ("get", "/products/1", None),
        ("post", "/carts", {"currency": "EUR"}),
        ("post", "/carts/1/lines", {"sku": "B-1"}),
        ("get", "/carts/1", None),
    ):
        response = client.generic(method.upper(), address, _json(body), content_type="application/json")
        if response.status_code < 400 and NEW.encode() in response.content:
            file, line = _open_door(project, "depth" if "carts" in address else "__all__")
            yield Finding(file, line, f"{method.upper()} {address} answers with `{NEW}`")


def one_model_for_a_product(project: Project) -> Iterator[Finding]:
    running.start_django()
    from django.apps import apps

    for model in apps.get_models():
        if model.__name__ not in ("Product", "Cart", "Line"):
            file = f"{model.__module__.replace('.', '/')}.py"
            yield Finding(file, source.line_of(project, file, model.__name__), f"the model {model.__name__} is new")


def no_more_than_it_needs(project: Project) -> Iterator[Finding]:
    yield from budget.beyond(project, files=4, lines=80)


def _product(project: Project) -> Any:
    running.start_django()
    models = running.load(project, "shop.models")
    if isinstance(models, Finding):
        return models
    return getattr(models, "Product", Finding(MODELS, 0, "there is no model Product"))


def _fields(model: Any) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}


def _json(body: object) -> str:
    import json

    return "" if body is None else json.dumps(body)


def _open_door(project: Project, likely: str) -> tuple[str, int]:
    """The line that lets all fields of the model through: `fields = "__all__"`, `exclude`, or `depth`."""
    doors = {}
    for name, node in project.nodes("shop"):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            target, value = node.targets[0].id, node.value
            if target in ("exclude", "depth"):
                doors[target] = (name, node.lineno)
            elif target == "fields" and isinstance(value, ast.Constant) and value.value == "__all__":
                doors["__all__"] = (name, node.lineno)
    return doors.get(likely) or next(iter(doors.values()), ("shop/serializers.py", 0))
