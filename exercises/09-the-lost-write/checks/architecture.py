"""How reservations must be saved and tested. One function for each architecture check of exercise.toml."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import database, imports, memory, mutation, running, source

STOCK, REPOSITORY, TESTS = "shop/stock.py", "shop/repository.py", "tests/test_stock.py"
SAVES_NOTHING = "\n\nDjangoItems.save = lambda self, item: None\n"
# One use case at a time gets items that do not save, wherever it calls `save`.
USE_CASE_SAVES_NOTHING = """

class _Forgetful:
    def __init__(self, items):
        self._items = items

    def __getattr__(self, name):
        return getattr(self._items, name)

    def save(self, item):
        pass


def _forgets(use_case):
    return lambda items, *rest, **named: use_case(_Forgetful(items), *rest, **named)


{use_case} = _forgets({use_case})
"""
GIVES_OUT_ITS_OWN = """

def _gives_out_its_own(self, sku, get=FakeItems.get):
    kept = self.__dict__.setdefault("_kept", {})
    return kept[sku] if sku in kept else kept.setdefault(sku, get(self, sku))


FakeItems.get = _gives_out_its_own
"""


def stock_knows_no_database(project: Project) -> Iterator[Finding]:
    yield from imports.reaches(project, "shop.stock", ["django", "shop.models", "shop.repository", "shop.views"])


def the_use_case_saves(project: Project) -> Iterator[Finding]:
    """Reserve and release with the real repository and no view, as a command or a task would."""
    database.make()
    stock, repository = running.load(project, "shop.stock"), running.load(project, "shop.repository")
    for module in (stock, repository):
        if isinstance(module, Finding):
            yield module
            return
    from django.apps import apps

    books, started = apps.get_model("shop", "Book").objects, memory.of(project)
    for name, held, wanted in (("reserve", 3, 4), ("release", 3, 2), ("reserve", 0, 1), ("release", 1, 0)):
        books.all().delete()
        memory.forget(started)
        books.create(sku="dune", title="Dune", price="12.50", on_hand=9, reserved=held)
        at = Finding(STOCK, source.line_of(project, STOCK, name), "")
        use_case = getattr(stock, name)
        _, problem = running.attempt(
            project, at, lambda use_case=use_case: use_case(repository.DjangoItems(), "dune", 1)
        )
        if problem:
            yield _crashed(name, problem)
        elif (kept := books.get(sku="dune").reserved) != wanted:
            found = f"{name}(DjangoItems(), 'dune', 1) should leave {wanted} reserved in the table; it leaves {kept}"
            yield Finding(at.file, at.line, found)


def the_fake_forgets_too(project: Project) -> Iterator[Finding]:
    """The contract that every database keeps, on the learner's fake."""
    yield from source.lacks(project, TESTS, "FakeItems")
    running.start_django()
    stock, tests = running.load(project, "shop.stock"), running.load(project, "tests.test_stock")
    for module in (stock, tests):
        if isinstance(module, Finding):
            yield module
            return
    if not hasattr(tests, "FakeItems"):
        return
    at = Finding(TESTS, source.line_of(project, TESTS, "FakeItems"), "")
    rules = (_unsaved_is_forgotten, _saved_is_kept, _changed_after_saving_is_forgotten, _nothing_is_kept_as_well)
    for rule in (*rules, _others_stay_as_they_are):
        items = tests.FakeItems(stock.Item("dune", on_hand=9, reserved=3), stock.Item("emma", on_hand=9))
        found, problem = running.attempt(project, at, lambda rule=rule, items=items: rule(items))
        if problem:
            yield _crashed("FakeItems", problem)
            return
        if found:
            yield Finding(at.file, at.line, found)
            return
    found, problem = running.attempt(project, at, lambda: _knows_of_another(tests.FakeItems, stock))
    if problem or found:
        yield _crashed("FakeItems", problem) if problem else Finding(at.file, at.line, found)


def the_tests_notice(project: Project) -> Iterator[Finding]:
    """Run the learner's tests on copies of the project with one mistake each."""
    stock, repository, tests = (_bytes(project, name) for name in (STOCK, REPOSITORY, TESTS))
    planted = {
        **{
            f"{name} saves nothing": (STOCK, stock + USE_CASE_SAVES_NOTHING.format(use_case=name).encode())
            for name in ("reserve", "release")
        },
        "the repository saves nothing": (REPOSITORY, repository + SAVES_NOTHING.encode()),
        "the fake returns the object that it keeps": (TESTS, tests + GIVES_OUT_ITS_OWN.encode()),
    }
    with tempfile.TemporaryDirectory(prefix="planted-") as scratch:
        for name, (file, data) in planted.items():
            target = Path(scratch) / name / file
            target.parent.mkdir(parents=True)
            target.write_bytes(data)
        yield from mutation.survivors(project, "tests", Path(scratch))


def _changed(item: Any) -> Any:
    """The item with one book more reserved: the same item, or a new one if items are frozen."""
    return item.reserve(1) or item


def _crashed(what: str, problem: Finding) -> Finding:
    return Finding(problem.file, problem.line, f"{what} crashed with {problem.found}")


def _saved_is_kept(items: Any) -> str | None:
    items.save(_changed(items.get("dune")))
    kept = items.get("dune").reserved
    return None if kept == 4 else f"an item with 4 reserved was saved, but get() returns {kept} reserved"


def _unsaved_is_forgotten(items: Any) -> str | None:
    _changed(items.get("dune"))
    kept = items.get("dune").reserved
    return None if kept == 3 else "an item was changed and not saved, but get() returns the change"


def _changed_after_saving_is_forgotten(items: Any) -> str | None:
    item = _changed(items.get("dune"))
    items.save(item)
    _changed(item)
    kept = items.get("dune").reserved
    return None if kept == 4 else "an item was changed after it was saved, but get() returns the later change"


def _knows_of_another(fake: Any, stock: Any) -> str | None:
    fake(stock.Item("dune", on_hand=9))
    try:
        fake(stock.Item("emma", on_hand=9)).get("dune")
    except stock.UnknownItem:
        return None
    return "two FakeItems share their items, so one test would see what another has saved"


def _nothing_is_kept_as_well(items: Any) -> str | None:
    """Zero must be saved like any other number."""
    items.save(type(items.get("dune"))("dune", on_hand=9))
    kept = items.get("dune").reserved
    return None if kept == 0 else f"an item with 0 reserved was saved, but get() returns {kept} reserved"


def _others_stay_as_they_are(items: Any) -> str | None:
    items.save(_changed(items.get("dune")))
    kept = items.get("emma").reserved
    return None if kept == 0 else f"only dune was saved, but get() returns emma with {kept} reserved"


def _bytes(project: Project, name: str) -> bytes:
    """The bytes of a file, which may begin with a byte order mark or name its encoding."""
    file = project.folder / name
    return file.read_bytes() if file.exists() else b""
