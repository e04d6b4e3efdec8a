from datetime import timedelta
from unittest import mock

from django.utils import timezone

from plumbing.outbound import Answer
from webhooks.models import Attempt, Delivery, DeliveryQuerySet, Event

from .factories import an_event, finished

OK = Answer(200, {}, b"", None, 5)


def expire_leases():
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))


def test_a_claimed_delivery_is_not_claimed_again(delivery):
    first = Delivery.objects.claim_due(10, {})

    assert [claimed.pk for claimed in first] == [delivery.pk]
    assert Delivery.objects.claim_due(10, {}) == []


def test_no_client_gets_more_than_ten_at_a_time(make_client):
    make_client(slug="acme")
    for _ in range(12):
        an_event().save()
    acme = Delivery.objects.first().client_id

    assert len(Delivery.objects.claim_due(50, {})) == 10
    assert Delivery.objects.claim_due(50, {acme: 10}) == []
    assert len(Delivery.objects.claim_due(50, {})) == 2


def test_an_expired_lease_counts_as_interrupted_and_is_sent_at_once(delivery):
    Delivery.objects.claim_due(10, {})
    expire_leases()

    claimed = Delivery.objects.claim_due(10, {})

    assert [again.pk for again in claimed] == [delivery.pk]
    assert Attempt.objects.get().error == "interrupted"
    delivery.refresh_from_db()
    assert (delivery.attempt_count, delivery.attempts_this_round) == (1, 1)


def test_the_eighth_interruption_is_the_end(delivery):
    Delivery.objects.update(attempts_this_round=7)
    Delivery.objects.claim_due(10, {})
    expire_leases()

    assert Delivery.objects.claim_due(10, {}) == []
    assert Delivery.objects.get().status == "dead"


def test_an_answer_after_the_lease_was_lost_adds_an_attempt_and_no_state(delivery):
    (late,) = Delivery.objects.claim_due(10, {})
    expire_leases()
    Delivery.objects.claim_due(10, {})

    Delivery.objects.record([finished(late, timezone.now(), OK)])

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempt_count, Attempt.objects.count()) == ("pending", 2, 2)


def test_an_answer_after_the_delete_adds_an_attempt_and_no_state(delivery):
    (claimed,) = Delivery.objects.claim_due(10, {})
    delivery.client.soft_delete()

    Delivery.objects.record([finished(claimed, timezone.now(), OK)])

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempt_count) == ("cancelled", 1)


def test_a_disabled_client_waits(delivery):
    delivery.client.disable("operator")

    assert Delivery.objects.claim_due(10, {}) == []
    assert Delivery.objects.get().status == "pending"


def test_a_lease_lasts_90_seconds(delivery):
    before = timezone.now()

    Delivery.objects.claim_due(10, {})

    delivery.refresh_from_db()
    assert timedelta(seconds=90) <= delivery.leased_until - before < timedelta(seconds=95)
    with mock.patch("django.utils.timezone.now", return_value=delivery.leased_until - timedelta(seconds=1)):
        assert Delivery.objects.claim_due(10, {}) == []
    with mock.patch("django.utils.timezone.now", return_value=delivery.leased_until):
        assert len(Delivery.objects.claim_due(10, {})) == 1


def test_no_more_are_claimed_than_there_are_slots(make_client):
    for number in range(3):
        make_client(slug=f"c{number}")
    an_event().save()

    assert len(Delivery.objects.claim_due(2, {})) == 2
    assert Delivery.objects.claim_due(0, {}) == []
    assert Delivery.objects.filter(leased_until__isnull=False).count() == 2


def test_the_client_that_waited_longest_is_served_first(make_client):
    make_client(slug="late"), make_client(slug="early")
    an_event().save()
    due = timezone.now() - timedelta(seconds=2)
    Delivery.objects.filter(client__slug="late").update(next_attempt_at=due + timedelta(seconds=1))
    Delivery.objects.filter(client__slug="early").update(next_attempt_at=due)

    (claimed,) = Delivery.objects.claim_due(1, {})

    assert claimed.client.slug == "early"


def test_a_client_gets_the_rest_of_its_share(make_client):
    make_client()
    for _ in range(12):
        an_event().save()
    acme = Delivery.objects.first().client_id

    assert len(Delivery.objects.claim_due(50, {acme: 7})) == 3


def test_an_interruption_tells_when_its_attempt_began(delivery):
    Delivery.objects.claim_due(10, {})
    began = timezone.now() - timedelta(minutes=30)
    Delivery.objects.update(leased_until=began + Delivery.LEASE)

    Delivery.objects.claim_due(10, {})

    attempt = Attempt.objects.get()
    assert (attempt.started_at, attempt.duration_ms) == (began, 90_000)
    assert (attempt.response_status, attempt.response_excerpt) == (None, "")


def test_a_lease_beyond_any_clock_is_invalid_and_began_at_least_90_seconds_ago(delivery):
    Delivery.objects.claim_due(10, {})
    Delivery.objects.update(leased_until=timezone.now() + timedelta(days=365))

    (claimed,) = Delivery.objects.claim_due(10, {})

    attempt = Attempt.objects.get()
    assert (attempt.error, attempt.duration_ms) == ("interrupted", 90_000)
    assert attempt.started_at + Delivery.LEASE <= timezone.now()
    claimed.refresh_from_db()
    assert claimed.is_leased(timezone.now())


def test_a_lease_of_a_host_five_seconds_ahead_is_one(delivery):
    Delivery.objects.claim_due(10, {})
    now = timezone.now()
    Delivery.objects.update(leased_until=now + timedelta(seconds=95))

    with mock.patch("django.utils.timezone.now", return_value=now):
        assert Delivery.objects.claim_due(10, {}) == []


def test_a_retry_forgets_no_interruption(delivery):
    Delivery.objects.claim_due(10, {})
    expire_leases()
    delivery.retry()

    Delivery.objects.claim_due(10, {})

    assert Attempt.objects.get().error == "interrupted"


def test_an_interruption_does_not_start_the_failure_clock(delivery):
    Delivery.objects.claim_due(10, {})
    expire_leases()

    Delivery.objects.claim_due(10, {})

    delivery.client.refresh_from_db()
    assert delivery.client.failing_since is None


def test_a_delivery_that_another_worker_took_in_between_is_not_claimed(delivery):
    fair_share = DeliveryQuerySet._fair_share

    def taken_in_between(self, *args):
        keys = fair_share(self, *args)
        Delivery.objects.update(lease_token="theirs", leased_until=timezone.now() + timedelta(seconds=90))
        return keys

    with mock.patch.object(DeliveryQuerySet, "_fair_share", taken_in_between):
        assert Delivery.objects.claim_due(10, {}) == []

    assert Delivery.objects.get().lease_token == "theirs"


def test_an_answer_to_a_delivery_that_was_pruned_is_dropped(delivery):
    (claimed,) = Delivery.objects.claim_due(10, {})
    Event.objects.all().delete()

    Delivery.objects.record([finished(claimed, timezone.now(), OK)])

    assert not Attempt.objects.exists()


def test_a_late_failure_neither_plans_an_attempt_nor_disables_the_client(delivery):
    (late,) = Delivery.objects.claim_due(10, {})
    expire_leases()
    Delivery.objects.claim_due(10, {})

    Delivery.objects.record([finished(late, timezone.now(), Answer(410, {}, b"", None, 5))])

    delivery.refresh_from_db()
    assert (delivery.attempts_this_round, delivery.client.status) == (1, "active")
    assert delivery.leased_until > timezone.now()


def test_what_is_due_behind_the_eighth_interruptions_is_claimed_too(make_client):
    make_client()
    for _ in range(12):
        an_event().save()
    keys = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    gone = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(pk__in=keys[:11]).update(attempts_this_round=7, lease_token="gone", leased_until=gone)

    claimed = Delivery.objects.claim_due(10, {})

    assert [delivery.pk for delivery in claimed] == keys[11:]
    assert Delivery.objects.filter(status="dead").count() == 11
