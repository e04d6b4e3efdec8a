import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from plumbing.columns import BytesField

CONTENTS = [b"\x00\xff'%s", None, b""]


class Note(models.Model):
    content = BytesField(null=True)

    class Meta:
        app_label, managed = "tests", False


@pytest.fixture
def notes(db):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE tests_note (id integer, content {BytesField().db_type(connection)})")
    return [Note(id=number, content=content) for number, content in enumerate(CONTENTS)]


def test_to_a_migration_it_is_djangos_own_field():
    _, path, arguments, options = BytesField(null=True).deconstruct()

    assert (path, list(arguments), options) == ("django.db.models.BinaryField", [], {"null": True})


def test_many_are_kept_as_they_are(notes):
    Note.objects.bulk_create(notes)

    kept = Note.objects.order_by("id").values_list("content", flat=True)
    assert [content if content is None else bytes(content) for content in kept] == CONTENTS


def test_many_go_to_postgresql_as_one_array_a_column(notes):
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL takes arrays")

    with CaptureQueriesContext(connection) as queries:
        Note.objects.bulk_create(notes)

    assert ["UNNEST" in query["sql"] for query in queries if "INSERT" in query["sql"]] == [True]
