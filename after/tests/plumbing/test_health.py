from unittest import mock

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder


def test_a_process_that_answers_is_healthy_without_its_database(client, db):
    with mock.patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        assert client.get("/healthz").status_code == 200


def test_a_migrated_database_is_ready(client, db):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("failure", [OperationalError("host db.internal"), InterfaceError("closed")])
def test_a_database_that_is_away_is_not_ready(client, db, failure):
    with mock.patch.object(connection, "cursor", side_effect=failure):
        response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["detail"] == "database"
    assert str(failure) not in response.content.decode()


def test_a_missing_migration_is_not_ready(client, db):
    MigrationRecorder(connection).record_unapplied("webhooks", "0003_delivery_ack_rule")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["detail"] == "migrations"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/v1/openapi.json"])
def test_these_pages_need_no_key_and_take_no_post(client, db, path):
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 405
