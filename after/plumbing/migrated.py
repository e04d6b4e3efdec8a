"""Databases without some or all of their tables: one sentence reports this, in the API and in commands."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

MIGRATE_FIRST = "The database has no tables, or older ones. Run this first: python manage.py migrate"
UNDEFINED = ("42P01", "42703")  # PostgreSQL's codes for a table and a column that do not exist
SQLITES_WORDS = ("no such table", "no such column", "has no column named")


def is_not_migrated(error: BaseException) -> bool:
    """Whether a query failed because a table or a column does not exist yet."""
    if not isinstance(error, DatabaseError):
        return False
    code = getattr(error.__cause__, "sqlstate", None)
    return code in UNDEFINED or any(words in str(error) for words in SQLITES_WORDS)


@contextmanager
def migrate_first() -> Iterator[None]:
    """Ends a command with the sentence and without a traceback."""
    try:
        yield
    except DatabaseError as error:
        if is_not_migrated(error):
            raise SystemExit(MIGRATE_FIRST) from error
        raise
