"""`/healthz`: the process answers. `/readyz`: it can work, because its database is there and migrated."""

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from .problems import problem


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "migrations": _migrations}


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200, or 503 with the name of the first failing check and nothing about the reason."""
    for name, check in CHECKS.items():
        try:
            passed = check()
        except (DatabaseError, InterfaceError):
            passed = False
        if not passed:
            return problem(503, name)
    return JsonResponse({"status": "ok"})
