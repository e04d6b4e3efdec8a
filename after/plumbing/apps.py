import django
from django.apps import AppConfig
from django.db.backends.signals import connection_created


def use_all_of_sqlites_parameters(sender: object, connection: object, **kwargs: object) -> None:
    """Lets one INSERT hold as many rows as this SQLite takes: Django 5.2 assumes 999 parameters, but SQLite since 3.32
    takes 32,766 or more. Django 6 asks SQLite itself.
    """
    if connection.vendor == "sqlite" and django.VERSION < (6,):  # type: ignore[attr-defined]
        import sqlite3

        limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)  # type: ignore[attr-defined]
        connection.features.max_query_params = limit  # type: ignore[attr-defined]


class PlumbingConfig(AppConfig):
    name = "plumbing"

    def ready(self) -> None:
        from . import openapi  # noqa: F401  (registers the extensions)
        from .secret_storage import check_keys
        from .silence import end_silence

        check_keys()
        connection_created.connect(use_all_of_sqlites_parameters)
        connection_created.connect(end_silence)
