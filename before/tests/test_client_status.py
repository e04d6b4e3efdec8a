"""How a client is disabled, enabled and ended, and who may do it."""

import pytest

from clients.models import ApiKey, Client

from .conftest import api_of

ACME = "/v1/clients/acme"


def status_of(client):
    client.refresh_from_db()
    return client.status, client.disabled_reason


@pytest.mark.parametrize(
    ("by", "before", "asked", "after"),
    [
        ("operator", ("active", None), "disabled", ("disabled", "operator")),
        ("client", ("active", None), "disabled", ("disabled", "client")),
        ("operator", ("active", None), "active", ("active", None)),
        ("operator", ("disabled", "client"), "disabled", ("disabled", "operator")),
        ("operator", ("disabled", "failing"), "disabled", ("disabled", "operator")),
        ("client", ("disabled", "gone"), "disabled", ("disabled", "gone")),
        ("client", ("disabled", "operator"), "disabled", ("disabled", "operator")),
        ("operator", ("disabled", "operator"), "active", ("active", None)),
        ("client", ("disabled", "client"), "active", ("active", None)),
        ("client", ("disabled", "gone"), "active", ("active", None)),
        ("client", ("disabled", "failing"), "active", ("active", None)),
    ],
)
def test_a_status_and_its_reason(operator, make_client, by, before, asked, after):
    client = make_client()
    Client.objects.update(status=before[0], disabled_reason=before[1])
    api = operator if by == "operator" else api_of(client)

    response = api.patch(ACME, {"status": asked})

    assert (response.json()["status"], response.json()["disabled_reason"]) == after
    assert status_of(client) == after


def test_a_deleted_client_is_gone_for_everybody(operator, make_client):
    api = api_of(make_client())

    response = operator.delete(ACME)

    assert (response.status_code, response.content) == (204, b"")
    assert operator.get(ACME).status_code == operator.delete(ACME).status_code == 404
    assert operator.get("/v1/clients").json()["results"] == []
    assert api.get(ACME).status_code == 401
    assert not ApiKey.objects.filter(role="client", revoked_at=None).exists()
    assert Client.objects.get().deleted_at
