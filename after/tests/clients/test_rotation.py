"""POST /v1/clients/{slug}/rotate-secret."""

from datetime import datetime, timedelta

from django.utils import timezone

from clients.models import Client
from plumbing.secret_storage import unseal
from webhooks.adapters.orm.clients import endpoint_of

from .conftest import api_of, pointers

ACME = "/v1/clients/acme"


def signing_secrets(client, now):
    """The secrets that sign an attempt at this time, newest first."""
    return [unseal(sealed) for sealed in endpoint_of(client).secrets_at(now)]


def test_a_new_secret_signs_beside_the_old_one_while_they_overlap(operator, make_client):
    client = make_client()
    now = timezone.now()
    (old,) = signing_secrets(client, now)

    answer = operator.post(f"{ACME}/rotate-secret", {"overlap_seconds": 3600}).json()

    client.refresh_from_db()
    expires_at = datetime.fromisoformat(answer["previous_expires_at"])
    assert timedelta(0) <= expires_at - now - timedelta(hours=1) < timedelta(seconds=5)
    assert signing_secrets(client, expires_at - timedelta(microseconds=1)) == [answer["signing_secret"], old]
    assert signing_secrets(client, expires_at) == [answer["signing_secret"]]


def test_rotated_again_inside_the_overlap_the_oldest_goes(operator, make_client):
    client = make_client()

    first = operator.post(f"{ACME}/rotate-secret", {}).json()["signing_secret"]
    second = operator.post(f"{ACME}/rotate-secret").json()["signing_secret"]

    client.refresh_from_db()
    assert signing_secrets(client, timezone.now()) == [second, first]
    assert signing_secrets(client, timezone.now() + timedelta(hours=23, minutes=59)) == [second, first]
    assert signing_secrets(client, timezone.now() + timedelta(hours=24)) == [second]


def test_without_an_overlap_the_old_secret_ends_at_once(make_client):
    client = make_client()

    answer = api_of(client).post(f"{ACME}/rotate-secret", {"overlap_seconds": 0}).json()

    client.refresh_from_db()
    assert signing_secrets(client, timezone.now()) == [answer["signing_secret"]]


def test_an_overlap_is_0_to_30_days(operator, make_client):
    client = make_client()

    for overlap in [-1, 30 * 86400 + 1, "60", 60.0, None, True]:
        response = operator.post(f"{ACME}/rotate-secret", {"overlap_seconds": overlap})
        assert (response.status_code, pointers(response)) == (422, ["/overlap_seconds"])

    assert Client.objects.get().signing_secret == client.signing_secret
    assert operator.post(f"{ACME}/rotate-secret", {"overlap_seconds": 30 * 86400}).status_code == 200


def test_no_secret_is_ever_logged(operator, make_client, log_lines):
    make_client()

    secret = operator.post(f"{ACME}/rotate-secret").json()["signing_secret"]

    assert [line["event"] for line in log_lines()] == ["secret_rotated"]
    assert secret not in str(log_lines())
