"""Requirements for placing an order. One function for each architecture check of exercise.toml."""

import ast
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from types import CodeType
from typing import Any

from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project, said, where_raised
from workshop.exercises.jobs import TOGETHER
from workshop.exercises.probes import budget, database, running, source

CHECKOUT, PHONE, VIEWS = "shop/checkout.py", "shop/management/commands/phone_order.py", "shop/views.py"
ORDER = {"cart_id": 1, "email": "ada@example.com", "country": "DE", "voucher_code": "SPRING"}
# Invalid orders, each as a difference from ORDER.
NO_ORDERS: dict[str, dict[str, Any]] = {
    "an unknown cart": {"cart_id": 999},
    "an empty cart": {"cart_id": 2},
    "an order for more books than there are": {"cart_id": 3},
    "a country without shipping": {"country": "FR"},
    "an unknown voucher": {"voucher_code": "NOSUCH"},
    "a used voucher": {"voucher_code": "USED"},
    "a voucher for larger orders": {"voucher_code": "LARGE"},
}
NOT_YET = "place_order cannot place an order from plain values yet"
HTTP_ERRORS = range(400, 600)
USUAL_STATUSES = (400, 404, 409, 410, 422)
STATUS_IN_WORDS = re.compile(r"[45]\d\d(\D|$)")
HTTP_MODULES = ("http", "django.http", "django.shortcuts", "rest_framework", "requests")
CRASHES = (AttributeError, IndexError, KeyError, NameError, TypeError, UnboundLocalError, ZeroDivisionError)
# The database after ORDER: 12.50 and twice 9.00, less 5.00, and 3.90 for shipping.
PLACED = {
    "the total of the order": "29.40",
    "the voucher of the order": "5.00",
    "the shipping of the order": "3.90",
    "the number of its lines": "2",
    "the stock of both books": "1, 5",
    "the number of uses left": "2",
    "the number of lines in its cart": "0",
}
HTTP_EXCEPTIONS = {"Http404", "PermissionDenied", "SuspiciousOperation", "BadRequest", "APIException"}


def called_with_plain_values(project: Project) -> Iterator[Finding]:
    place_order = _placing(project)
    if isinstance(place_order, Finding):
        yield place_order
        return
    place_order(**ORDER)
    after = _what_is_left()
    for what, wanted in PLACED.items():
        if after[what] != wanted:
            yield _entrance(project, f"after the call {what} should be {wanted}, and is {after[what]}")


def refuses_by_itself(project: Project) -> Iterator[Finding]:
    place_order = _ready(project)
    if isinstance(place_order, Finding):
        yield place_order
        return
    for what, difference in NO_ORDERS.items():
        before = database.rows()
        came = _outcome(lambda difference=difference: place_order(**ORDER | difference))
        if database.rows() != before:
            yield _entrance(project, f"place_order does not refuse {what}, or writes before it refuses")
        elif type(came) in CRASHES:
            at = where_raised(came, project) or _entrance(project)
            yield Finding(at.file, at.line, f"place_order does not refuse {what}, but raises {said(came)}")
        elif _in_djangos_words(came):
            at = where_raised(came, project) or _entrance(project)
            yield Finding(at.file, at.line, f"place_order passes on Django's error for {what}: {said(came)}")


def _in_djangos_words(came: Any) -> bool:
    """Whether this is Django's own error for a query without a result. A class or text of the shop is a refusal."""
    from django.core.exceptions import ObjectDoesNotExist

    return isinstance(came, ObjectDoesNotExist) and str(came).endswith("matching query does not exist.")


def speaks_no_http(project: Project) -> Iterator[Finding]:
    place_order = _ready(project)
    if isinstance(place_order, Finding):
        yield place_order
        return
    with running.without_http():
        for what, difference in [*NO_ORDERS.items(), ("an order", {})]:
            came = _outcome(lambda difference=difference: place_order(**ORDER | difference))
            raised = where_raised(came, project) if isinstance(came, Exception) else None
            at = raised or _entrance(project)
            if isinstance(came, running.NotHere):
                yield Finding(at.file, at.line, f"for {what}, place_order {came}")
            elif said := _http_in(came):
                yield Finding(at.file, at.line, f"for {what}, {said}")
    yield from _http_written(project, place_order)


def both_callers_use_it(project: Project) -> Iterator[Finding]:
    yield from _statuses_by_words(project)
    place_order = _ready(project)
    if isinstance(place_order, Finding):
        yield place_order
        return
    code = running.code_of(place_order)
    yield from _outside(project, VIEWS, _over_http(ORDER), code)
    for what, difference in NO_ORDERS.items():
        yield from _refused_before(project, VIEWS, "checkout", what, _over_http(ORDER | difference), code)
    database.clear()
    _lay_the_ground()
    with running.without_http():
        yield from _outside(project, PHONE, _on_the_phone(ORDER), code)
        for what, difference in NO_ORDERS.items():
            yield from _refused_before(project, PHONE, "Command", what, _on_the_phone(ORDER | difference), code)


def _over_http(order: dict[str, Any]) -> Callable[[], Any]:
    from django.test import Client

    body = {"cart": order["cart_id"], "email": order["email"], "country": order["country"]}
    body |= {"voucher": order["voucher_code"]}
    return partial(Client(raise_request_exception=False).post, "/checkout", body, content_type="application/json")


def _on_the_phone(order: dict[str, Any]) -> Callable[[], Any]:
    from django.core.management import call_command

    arguments = (str(order["cart_id"]), order["email"], order["country"], "--voucher", order["voucher_code"])
    return partial(call_command, "phone_order", *arguments, stdout=StringIO())


def _refused_before(
    project: Project, caller: str, name: str, what: str, call: Callable[[], Any], code: CodeType | None
) -> Iterator[Finding]:
    """A finding if a caller refuses an order by itself, without calling place_order."""
    if code is None:
        return
    with running.calls(code) as counted:
        _outcome(call)
    if not counted:
        line = source.line_of(project, caller, name)
        yield Finding(caller, line, f"this code refuses {what} and does not call place_order")


def _statuses_by_words(project: Project) -> Iterator[Finding]:
    """A finding if the view recognises a missing cart by its text: tried on a copy with another text."""
    with tempfile.TemporaryDirectory(prefix="in-other-words-", dir=os.environ.get(TOGETHER)) as scratch:
        copy, changed = Path(scratch), False
        for name in trees.files(project.folder):
            trees.copy(project.folder / name, copy / name)
            data = (copy / name).read_bytes()
            if name.endswith(".py") and name not in (VIEWS, PHONE) and b"no such cart" in data:
                (copy / name).write_bytes(data.replace(b"no such cart", b"nothing there"))
                changed = True
        status = _status_in(copy) if changed else 404
    if status not in (404, None):
        line = source.line_of(project, VIEWS, "checkout")
        found = f"the view recognises a missing cart by its text: with another text it answers {status} and not 404"
        yield Finding(VIEWS, line, found)


def _status_in(folder: Path) -> int | None:
    """The status for an unknown cart, from a process of its own; None if there is no answer."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            sys.path.insert(0, str(folder))
            os.chdir(folder)
            database.make()
            _lay_the_ground()
            os.write(writes, str(_over_http(ORDER | {"cart_id": 999})().status_code).encode())
        finally:
            os._exit(0)
    os.close(writes)
    answer = os.read(reads, 16)
    os.close(reads)
    os.waitpid(pid, 0)
    return int(answer) if answer else None


def all_or_nothing(project: Project) -> Iterator[Finding]:
    place_order = _ready(project)
    if isinstance(place_order, Finding):
        yield place_order
        return
    for left in database.crashes(project, _lay_the_ground, lambda: place_order(**ORDER)):
        if left.changed:
            without = "" if "Order" in left.changed else ", without an order"
            found = f"if the process ends just before this write, rows of {_listed(left.changed)} have changed{without}"
            yield Finding(left.at.file, left.at.line, found)


def no_more_than_it_needs(project: Project) -> Iterator[Finding]:
    yield from budget.beyond(project, files=4, new_files=2, lines=120)


def _ready(project: Project) -> Callable[..., Any] | Finding:
    """The learner's place_order, if it works."""
    found = _placing(project)
    return Finding(found.file, found.line, NOT_YET) if isinstance(found, Finding) else found


def _placing(project: Project) -> Callable[..., Any] | Finding:
    """The learner's place_order, if it places an order, and a database with books, vouchers and carts."""
    if missing := next(source.lacks(project, CHECKOUT, "place_order"), None):
        return missing
    database.make()
    module = running.load(project, "shop.checkout")
    if isinstance(module, Finding):
        return module
    _lay_the_ground()
    _, problem = running.attempt(project, _entrance(project), lambda: module.place_order(**ORDER))
    if problem is None and len(database.rows()["Order"]) != 1:
        problem = _entrance(project, "the call returns, but there is no order")
    database.clear()
    _lay_the_ground()
    return problem or module.place_order


def _lay_the_ground() -> None:
    from django.apps import apps

    models = {model.__name__: model.objects for model in apps.get_app_config("shop").get_models()}
    dune = models["Book"].create(title="Dune", price="12.50", weight=300, stock=2)
    emma = models["Book"].create(title="Emma", price="9.00", weight=200, stock=7)
    for code, least, uses in (("SPRING", 0, 3), ("USED", 0, 0), ("LARGE", 500, 3)):
        models["Voucher"].create(code=code, amount="5.00", least=least, uses_left=uses)
    for lines in ([(dune, 1), (emma, 2)], [], [(emma, 1), (dune, 3)]):
        cart = models["Cart"].create()
        for book, quantity in lines:
            models["CartLine"].create(cart=cart, book=book, quantity=quantity)


def _outside(project: Project, caller: str, call: Callable[[], object], code: CodeType | None) -> Iterator[Finding]:
    """A caller's writes outside of place_order, and its error, if it raises one."""
    with database.writes(project, code) as written:
        _, problem = running.attempt(project, Finding(caller, 0, ""), call)
    for write in written:
        if not write.inside and not any(line.file == CHECKOUT for line in write.through if code is None):
            at = write.through[-1] if write.through else Finding(caller, 0, "")
            yield Finding(at.file, at.line, f"this line writes to {write.table} outside of place_order")
    if problem:
        _, needs_http, rest = problem.found.partition(f"{running.NotHere.__name__}: ")
        yield replace(problem, found=f"this call {rest}") if needs_http else problem


def _what_is_left() -> dict[str, str]:
    """The database after ORDER, as a few strings."""
    from django.apps import apps

    model = apps.get_app_config("shop").get_model
    order = model("Order").objects.order_by("-pk").first()
    return {
        "the total of the order": str(order.total),
        "the voucher of the order": str(order.voucher),
        "the shipping of the order": str(order.shipping),
        "the number of its lines": str(model("Line").objects.filter(order=order).count()),
        "the stock of both books": ", ".join(str(book.stock) for book in model("Book").objects.order_by("pk")),
        "the number of uses left": str(model("Voucher").objects.get(code="SPRING").uses_left),
        "the number of lines in its cart": str(model("CartLine").objects.filter(cart_id=1).count()),
    }


def _outcome(call: Callable[[], object]) -> object:
    """The result of a call, or the exception that it raises."""
    try:
        return call()
    except Exception as error:
        return error


def _http_in(came: object) -> str | None:
    """The trace of HTTP in an outcome, in words; None if there is none."""
    for kind in type(came).__mro__ if isinstance(came, Exception) else ():
        if kind.__name__ in HTTP_EXCEPTIONS:
            return f"place_order raises {kind.__name__}, which is an error of HTTP"
    number = next((value for value in _inside(came, 3) if _is_a_status(value)), None)
    return (
        None
        if number is None
        else f"the outcome of place_order, a {type(came).__name__}, has the status {number!s:.40}"
    )


def _is_a_status(value: object) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return value in HTTP_ERRORS
    return isinstance(value, str) and bool(STATUS_IN_WORDS.match(value))


def _inside(came: object, deep: int) -> Iterator[object]:
    """The values in an outcome: its items, its attributes, and the attributes of its classes."""
    if deep == 0 or came is None or hasattr(came, "_meta"):
        return  # the numbers in a row of a model are no statuses
    if isinstance(came, (bool, int, str)):
        yield came
        return
    if isinstance(came, (list, tuple, set, frozenset)):
        held = list(came)
    elif isinstance(came, dict):
        held = [*came.keys(), *came.values()]
    else:
        held = [*getattr(came, "args", ()), *getattr(came, "__dict__", {}).values()]
        own = [kind for kind in type(came).__mro__ if kind.__module__.split(".")[0] not in ("builtins", "abc", "enum")]
        for kind in own:
            members = {name: value for name, value in vars(kind).items() if not name.startswith("__")}
            held += [value for value in members.values() if not callable(value)]
            held += [getattr(came, name, None) for name, value in members.items() if isinstance(value, property)]
        held += [getattr(came, name) for name in getattr(type(came), "__slots__", ()) if hasattr(came, name)]
    for value in held:
        yield from _inside(value, deep - 1)


def _http_written(project: Project, place_order: Any) -> Iterator[Finding]:
    """HTTP in the modules of the use case: a status as a number, or an import of an HTTP module."""
    code = running.code_of(place_order)
    home = project.relative(code.co_filename) if code else None
    for name in sorted({CHECKOUT, home or CHECKOUT} - {VIEWS, PHONE}):
        for _, node in project.nodes(name):
            if isinstance(node, ast.Constant) and type(node.value) is int and node.value in USUAL_STATUSES:
                yield Finding(name, node.lineno, f"the number {node.value} is an HTTP status")
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                if any(module == name or module.startswith(f"{name}.") for name in HTTP_MODULES):
                    yield Finding(name, node.lineno, f"this imports {module}, a module for HTTP")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _entrance(project: Project, found: str = "") -> Finding:
    return Finding(CHECKOUT, source.line_of(project, CHECKOUT, "place_order"), found)
