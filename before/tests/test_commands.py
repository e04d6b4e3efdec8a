import io
from datetime import timedelta
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clients.models import ApiKey
from webhooks.models import Attempt, Delivery, Event

from .conftest import api_client
from .factories import an_event


def run(*argv):
    stdout, stderr = io.StringIO(), io.StringIO()
    call_command(*argv, stdout=stdout, stderr=stderr)
    return stdout.getvalue()


def test_create_api_key_prints_an_operators_key_alone(db):
    key = run("create_api_key", "--role", "operator")

    assert key == key.strip() + "\n"
    assert api_client(key.strip()).get("/v1/clients").status_code == 200


def test_create_api_key_prints_a_clients_key(make_client):
    make_client(slug="acme")
    make_client(slug="other")

    api = api_client(run("create_api_key", "--role", "client", "--client", "acme").strip())

    assert api.get("/v1/clients/acme").status_code == 200
    assert api.get("/v1/clients/other").status_code == 404


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--role", "client"], "--role client needs --client"),
        (["--role", "operator", "--client", "acme"], "operator takes none"),
        (["--role", "client", "--client", "nobody"], "There is no client 'nobody'"),
        (["--role", "client", "--client", "gone"], "There is no client 'gone'"),
        (["--role", "admin"], "invalid choice"),
        ([], "--role"),
    ],
)
def test_create_api_key_refuses_what_makes_no_sense(make_client, argv, said):
    make_client(slug="acme")
    make_client(slug="gone").soft_delete()

    with pytest.raises(CommandError, match=said):
        run("create_api_key", *argv)

    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("length", [8, 12, 47])
def test_revoke_api_key_takes_any_leading_part_of_eight_characters_or_more(db, length):
    _, key = ApiKey.objects.issue(ApiKey.Role.OPERATOR)
    _, other = ApiKey.objects.issue(ApiKey.Role.OPERATOR)

    assert run("revoke_api_key", key[:length]) == ""

    assert api_client(key).get("/v1/formats").status_code == 401
    assert api_client(other).get("/v1/formats").status_code == 200


def test_revoke_api_key_keeps_the_time_of_the_first_revocation(db):
    row, key = ApiKey.objects.issue(ApiKey.Role.OPERATOR)
    run("revoke_api_key", key)
    row.refresh_from_db()
    first = row.revoked_at

    run("revoke_api_key", key)

    row.refresh_from_db()
    assert row.revoked_at == first


@pytest.mark.parametrize(
    ("prefix", "said"),
    [("whk_abc", "at least 8"), ("whk_none", "0 keys begin with"), ("whk_same", "2 keys begin with")],
)
def test_revoke_api_key_needs_exactly_one_key(db, prefix, said):
    for ending in ("1", "2"):
        ApiKey.objects.create(prefix=f"whk_same{ending}", digest=ending, role=ApiKey.Role.OPERATOR)

    with pytest.raises(CommandError, match=said):
        run("revoke_api_key", prefix)

    assert not ApiKey.objects.filter(revoked_at__isnull=False).exists()


def test_deliver_needs_a_concurrency_that_makes_sense():
    for concurrency in ["0", "1001", "-1", "many"]:
        with pytest.raises(CommandError, match="concurrency"):
            run("deliver", "--once", f"--concurrency={concurrency}")


def test_deliver_runs_one_worker_of_the_size_given():
    with mock.patch("webhooks.management.commands.deliver.Worker") as worker:
        run("deliver", "--once", "--concurrency", "3")

    worker.assert_called_once_with(3)
    worker.return_value.run.assert_called_once_with(True)


def test_deliver_goes_on_until_it_is_stopped_unless_told_once():
    with mock.patch("webhooks.management.commands.deliver.Worker") as worker:
        run("deliver")

    worker.return_value.run.assert_called_once_with(False)


@pytest.fixture
def old_event(make_client):
    """Accepted 31 days ago for two clients."""
    make_client(slug="acme")
    make_client(slug="other")
    event = an_event(created_at=timezone.now() - timedelta(days=31))
    event.save()
    return event


@pytest.mark.parametrize("status", ["delivered", "dead", "skipped", "cancelled"])
def test_prune_deletes_an_old_event_all_of_whose_deliveries_have_ended(old_event, status):
    Delivery.objects.update(status=status, next_attempt_at=None)
    Attempt.objects.create(delivery=Delivery.objects.first(), started_at=timezone.now(), duration_ms=1)

    assert run("prune", "--older-than", "30d") == "1 events pruned\n"

    assert not (Event.objects.exists() or Delivery.objects.exists() or Attempt.objects.exists())


def test_prune_keeps_an_event_with_one_pending_delivery(old_event):
    ended = Delivery.objects.filter(client__slug="acme")
    ended.update(status="delivered", next_attempt_at=None)

    assert run("prune", "--older-than", "30d") == "0 events pruned\n"

    assert Delivery.objects.count() == 2


def test_prune_keeps_an_event_that_is_not_old_enough(old_event):
    Delivery.objects.update(status="delivered", next_attempt_at=None)

    assert run("prune", "--older-than", "32d") == "0 events pruned\n"


def test_prune_goes_on_until_nothing_is_left(make_client):
    for _ in range(5):
        an_event(created_at=timezone.now() - timedelta(days=31)).save()

    with mock.patch("webhooks.models.EventQuerySet.BATCH", 2):
        assert run("prune", "--older-than", "30d") == "5 events pruned\n"


def test_prune_keeps_what_a_retry_made_pending_meanwhile(old_event):
    Delivery.objects.update(status="dead", next_attempt_at=None)
    delivery = Delivery.objects.first()
    with_lock = Delivery.objects.all().select_for_update

    def retry_first(*args, **kwargs):
        delivery.retry()
        return with_lock(*args, **kwargs)

    with mock.patch("webhooks.models.DeliveryQuerySet.select_for_update", side_effect=retry_first):
        pruned = Event.objects.prune(before=timezone.now())

    assert pruned == 0
    assert Event.objects.exists()


def test_prune_needs_a_number_of_days():
    for age in ["30", "30h", "-1d", "d", "1.5d", "100000d"]:
        with pytest.raises(CommandError, match="such as 30d"):
            run("prune", f"--older-than={age}")
