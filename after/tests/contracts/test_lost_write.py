"""The contracts must notice a repository that forgets to save. These tests prove that they do."""

import inspect

import pytest
from django.db import transaction

from . import test_client_changes, test_clients, test_deliveries, test_events
from .conftest import STORAGES

WRITES = [
    (test_client_changes, "client_changes", ["save_change", "save_health", "replace_secret"]),
    (test_clients, "clients", ["save_health"]),
    (test_events, "events", ["add", "prune"]),
    (test_deliveries, "outbox", ["add", "cancel"]),
    (test_deliveries, "due_deliveries", ["lease"]),
    (test_deliveries, "attempt_records", ["record"]),
    (test_deliveries, "retries", ["make_due", "start_rounds"]),
]
MODULES = [test_client_changes, test_clients, test_events, test_deliveries]
FORGOTTEN = [(module, port, method) for module, port, methods in WRITES for method in methods]


def forgetful(storage, port, method):
    """The storage with one repository method that works, but whose writes are lost."""
    original = getattr(type(storage), port)

    def repository(self):
        honest = original.fget(self)
        write = getattr(honest, method)
        setattr(honest, method, lambda *args, **kwargs: self.forgetting(write, *args, **kwargs))
        return honest

    return type(f"Forgetful{type(storage).__name__}", (type(storage),), {port: property(repository)})()


def contracts_of(module):
    """Every test of the module that needs a storage and nothing else."""
    found = [test for name, test in inspect.getmembers(module, inspect.isfunction) if name.startswith("test_")]
    return [test for test in found if list(inspect.signature(test).parameters) == ["storage"]]


def broken(module, make):
    """The names of the contracts that a storage breaks, in the order of discovery."""
    for contract in contracts_of(module):
        with transaction.atomic():
            try:
                contract(make())
                kept = True
            except Exception:
                kept = False
            transaction.set_rollback(True)
        if not kept:
            yield contract.__name__


@pytest.mark.parametrize("kind", STORAGES)
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition("_")[2])
def test_honest_repositories_keep_every_contract(db, kind, module):
    assert contracts_of(module)
    assert list(broken(module, STORAGES[kind])) == []


@pytest.mark.parametrize("kind", STORAGES)
@pytest.mark.parametrize("module, port, method", FORGOTTEN, ids=[f"{port}.{method}" for _, port, method in FORGOTTEN])
def test_a_lost_write_breaks_a_contract(db, kind, module, port, method):
    assert any(broken(module, lambda: forgetful(STORAGES[kind](), port, method)))


def test_no_write_is_left_out():
    """Each method of a port is a read, or a write whose loss is tested above."""
    reads = {"lock", "accepted_under", "queues", "lock_tokens", "recoverable", "failed_days"}
    for kind in STORAGES.values():
        for _, port, methods in WRITES:
            repository = getattr(kind, port).fget.__annotations__["return"]
            offered = {name for name, _ in inspect.getmembers(repository, inspect.isfunction) if name[0] != "_"}
            assert offered - reads == set(methods)
