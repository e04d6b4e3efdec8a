from datetime import timedelta
from unittest import mock

from django.utils import timezone

from clients.models import Client
from webhooks.models import Delivery

from .factories import an_event


def expire_leases():
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))


def test_a_claimed_delivery_is_not_claimed_again(delivery):
    first = Delivery.objects.claim_due(10)

    assert [claimed.pk for claimed in first] == [delivery.pk]
    assert Delivery.objects.claim_due(10) == []


def test_what_has_an_expired_lease_is_claimed_again(delivery):
    Delivery.objects.claim_due(10)
    expire_leases()

    assert [again.pk for again in Delivery.objects.claim_due(10)] == [delivery.pk]


def test_a_disabled_client_waits(delivery):
    Client.objects.update(status="disabled", disabled_reason="operator")

    assert Delivery.objects.claim_due(10) == []
    assert Delivery.objects.get().status == "pending"


def test_a_lease_lasts_90_seconds(delivery):
    before = timezone.now()

    Delivery.objects.claim_due(10)

    delivery.refresh_from_db()
    assert timedelta(seconds=90) <= delivery.leased_until - before < timedelta(seconds=95)
    with mock.patch("django.utils.timezone.now", return_value=delivery.leased_until - timedelta(seconds=1)):
        assert Delivery.objects.claim_due(10) == []
    with mock.patch("django.utils.timezone.now", return_value=delivery.leased_until):
        assert len(Delivery.objects.claim_due(10)) == 1


def test_no_more_are_claimed_than_there_are_slots(make_client):
    for number in range(3):
        make_client(slug=f"c{number}")
    an_event().save()

    assert len(Delivery.objects.claim_due(2)) == 2
    assert Delivery.objects.claim_due(0) == []
    assert Delivery.objects.filter(leased_until__isnull=False).count() == 2


def test_what_waited_longest_is_claimed_first(make_client):
    make_client(slug="late"), make_client(slug="early")
    an_event().save()
    due = timezone.now() - timedelta(seconds=2)
    Delivery.objects.filter(client__slug="late").update(next_attempt_at=due + timedelta(seconds=1))
    Delivery.objects.filter(client__slug="early").update(next_attempt_at=due)

    (claimed,) = Delivery.objects.claim_due(1)

    assert claimed.client.slug == "early"
