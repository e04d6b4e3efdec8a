"""How placing an order is to be built. One function for each architecture check of exercise.toml."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import StringIO
from typing import Any

from workshop.exercises.findings import Finding, Project, where_raised
from workshop.exercises.probes import budget, database, running, source

CHECKOUT, PHONE, VIEWS = "shop/checkout.py", "shop/management/commands/phone_order.py", "shop/views.py"
ORDER = {"cart_id": 1, "email": "ada@example.com", "country": "DE", "voucher_code": "SPRING"}
# What must be refused, as the difference to ORDER, or to what the back office has entered.
NO_ORDERS: dict[str, dict[str, Any]] = {
    "a cart that nobody knows": {"cart_id": 999},
    "an empty cart": {"cart_id": 2},
    "three of two books": {"cart_id": 3},
    "a country without parcels": {"country": "FR"},
    "a voucher that nobody knows": {"voucher_code": "NOSUCH"},
    "a voucher that is used up": {"voucher_code": "USED"},
    "a voucher for larger orders": {"voucher_code": "LARGE"},
}
NOT_YET = "there is no place_order yet that makes an order of plain values"
HTTP_ERRORS = range(400, 600)
HTTP_EXCEPTIONS = {"Http404", "PermissionDenied", "SuspiciousOperation", "BadRequest", "APIException"}


def called_with_plain_values(project: Project) -> Iterator[Finding]:
    place_order = _placing(project)
    if isinstance(place_order, Finding):
        yield place_order


def refuses_by_itself(project: Project) -> Iterator[Finding]:
    place_order = _ready(project)
    if isinstance(place_order, Finding):
        yield place_order
        return
    for what, difference in NO_ORDERS.items():
        before = database.rows()
        _outcome(lambda difference=difference: place_order(**ORDER | difference))
        if database.rows() != before:
            yield _entrance(project, f"{what} makes an order")


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


def both_callers_use_it(project: Project) -> Iterator[Finding]:
    place_order = _ready(project)
    if isinstance(place_order, Finding):
        yield place_order
        return
    from django.core.management import call_command
    from django.test import Client

    body = {"cart": 1, "email": ORDER["email"], "country": "DE", "voucher": "SPRING"}
    over_http = partial(Client(raise_request_exception=False).post, "/checkout", body, content_type="application/json")
    yield from _outside(project, VIEWS, over_http)
    database.clear()
    _lay_the_ground()
    phone = partial(call_command, "phone_order", "1", ORDER["email"], "DE", "--voucher", "SPRING", stdout=StringIO())
    with running.without_http():
        yield from _outside(project, PHONE, phone)


def all_or_nothing(project: Project) -> Iterator[Finding]:
    place_order = _ready(project)
    if isinstance(place_order, Finding):
        yield place_order
        return
    for left in database.crashes(project, _lay_the_ground, lambda: place_order(**ORDER)):
        if left.changed:
            without = "" if "Order" in left.changed else ", and there is no order"
            found = f"ended just before this write, {_listed(left.changed)} had changed already{without}"
            yield Finding(left.at.file, left.at.line, found)


def no_more_than_it_needs(project: Project) -> Iterator[Finding]:
    yield from budget.beyond(project, files=4, new_files=2, lines=120)


def _ready(project: Project) -> Callable[..., Any] | Finding:
    """The learner's place_order, for the checks that ask more of it than to be called."""
    found = _placing(project)
    return Finding(found.file, found.line, NOT_YET) if isinstance(found, Finding) else found


def _placing(project: Project) -> Callable[..., Any] | Finding:
    """The learner's place_order once it places an order, and a database with what others have entered."""
    if missing := next(source.lacks(project, CHECKOUT, "place_order"), None):
        return missing
    database.make()
    module = running.load(project, "shop.checkout")
    if isinstance(module, Finding):
        return module
    _lay_the_ground()
    _, problem = running.attempt(project, _entrance(project), lambda: module.place_order(**ORDER))
    if problem is None and len(database.rows()["Order"]) != 1:
        problem = _entrance(project, "the call comes back, and there is no order")
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


def _outside(project: Project, caller: str, call: Callable[[], object]) -> Iterator[Finding]:
    """What a caller does without place_order: its writes, and the line at which it stopped."""
    with database.writes(project) as written:
        _, problem = running.attempt(project, Finding(caller, 0, ""), call)
    for write in written:
        if not any(line.file == CHECKOUT for line in write.through):
            at = write.through[-1] if write.through else Finding(caller, 0, "")
            yield Finding(at.file, at.line, f"this writes to {write.table}, outside of place_order")
    if problem:
        yield problem


def _outcome(call: Callable[[], object]) -> object:
    """What a call comes to: what it returns, or what it raises."""
    try:
        return call()
    except Exception as error:
        return error


def _http_in(came: object) -> str | None:
    """What is HTTP about an outcome; None where nothing is."""
    if isinstance(came, Exception):
        kind = next((one for one in type(came).__mro__ if one.__name__ in HTTP_EXCEPTIONS), None)
        if kind:
            return f"place_order raises {kind.__name__}, which only a view can answer"
    members = [*getattr(came, "args", ()), *_members(came)]
    number = next((one for one in members if type(one) is int and one in HTTP_ERRORS), None)
    return f"what comes, {type(came).__name__}, carries the status {number}" if number else None


def _members(came: object) -> list[object]:
    if isinstance(came, dict):
        return list(came.values())
    if isinstance(came, (tuple, list)):
        return list(came)
    own = list(getattr(came, "__dict__", {}).values())
    return own + [getattr(type(came), name, None) for name in ("status", "status_code", "code", "http_status")]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _entrance(project: Project, found: str = "") -> Finding:
    return Finding(CHECKOUT, source.line_of(project, CHECKOUT, "place_order"), found)
