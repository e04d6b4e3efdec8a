import pytest
from django.db import IntegrityError
from django.utils import timezone
from rest_framework.test import APIClient

from clients.models import ApiKey
from plumbing.keys import bearer_key, digest_of, new_key, prefix_of

from .conftest import api_client


def get_formats(**headers):
    return APIClient().get("/v1/formats", headers=headers)


def test_a_key_is_stored_as_a_digest_and_a_prefix(db):
    row, key = ApiKey.objects.issue(ApiKey.Role.OPERATOR)

    stored = ApiKey.objects.values().get()
    assert key not in map(str, stored.values())
    assert (row.digest, row.prefix) == (digest_of(key), prefix_of(key))
    assert str(row) == key[:12]


def test_two_keys_differ_in_what_is_stored_of_them():
    first, second = new_key(), new_key()

    assert prefix_of(first) != prefix_of(second)
    assert digest_of(first) != digest_of(second)


def test_a_key_comes_after_the_word_bearer():
    assert bearer_key("Bearer whk_1") == bearer_key("bearer  whk_1 ") == "whk_1"
    for header in ("Bearer", "Bearer  ", "Basic whk_1", "whk_1", ""):
        assert bearer_key(header) is None


def test_a_bad_key_is_401(db):
    for header in ["Bearer whk_unknown", "Bearer", "Basic YWRhOmFkYQ==", "Bearer \xff"]:
        response = get_formats(authorization=header)
        assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_no_key_is_401(db):
    response = get_formats()

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["title"] == "Unauthorized"


def test_a_revoked_key_is_401(db):
    _, key = ApiKey.objects.issue(ApiKey.Role.OPERATOR)
    api = api_client(key)
    assert api.get("/v1/formats").status_code == 200

    ApiKey.objects.update(revoked_at=timezone.now())

    assert api.get("/v1/formats").status_code == 401


def test_the_stored_digest_is_no_key(operator):
    assert get_formats(authorization=f"Bearer {ApiKey.objects.get().digest}").status_code == 401


@pytest.mark.parametrize("role", ["operator", "client", "root"])
def test_the_database_keeps_a_role_and_its_client_together(make_client, role):
    owner = make_client() if role == "operator" else None

    with pytest.raises(IntegrityError, match="apikey_role"):
        ApiKey.objects.issue(role, owner)
