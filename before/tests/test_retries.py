from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.utils import timezone

from plumbing.outbound import Answer
from webhooks.models import Attempt, Delivery
from webhooks.worker import Worker

from .factories import an_event, finished

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def deliver(answer):
    """Runs the worker once against an endpoint with this answer."""
    with mock.patch("webhooks.worker.GuardedClient") as http:
        http.return_value.post.return_value = answer
        Worker(concurrency=2).run(once=True)
    return http.return_value.post


def an_answer(status=500, body=b"", error=None, **headers):
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, error, 12)


def test_an_acknowledged_delivery_is_done(delivery):
    post = deliver(an_answer(200))

    delivery.refresh_from_db()
    assert post.call_args.args[0] == "https://acme.example/hooks"
    assert (delivery.status, delivery.attempt_count, delivery.next_attempt_at) == ("delivered", 1, None)


@mock.patch("random.uniform", return_value=1.0)
def test_a_failed_attempt_is_tried_again_after_five_seconds(uniform, delivery):
    deliver(an_answer(500, b"oops"))

    delivery.refresh_from_db()
    attempt = Attempt.objects.get()
    assert (attempt.error, attempt.response_status, attempt.response_excerpt) == ("bad_status", 500, "oops")
    assert delivery.status == "pending"
    assert timedelta(seconds=4) < delivery.next_attempt_at - attempt.started_at < timedelta(seconds=7)


def test_the_eighth_failure_is_the_last(delivery):
    for count in range(1, 9):
        Delivery.objects.filter(status="pending").update(next_attempt_at=delivery.created_at)
        deliver(an_answer(500))
        delivery.refresh_from_db()
        assert (delivery.attempt_count, delivery.status) == (count, "dead" if count == 8 else "pending")


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [
        (429, "7", 7),
        (429, "00000000000007", 7),
        (503, "Sun, 22 Nov 2026 13:00:30 GMT", 30),
        (503, "9" * 5000, 10**9),
        (500, "7", None),
        (429, "-7", None),
        (429, "soon", None),
        (503, "", None),
    ],
)
def test_retry_after_counts_for_429_and_503(status, value, seconds):
    asked = Delivery.wait_asked_for(an_answer(status, retry_after=value), NOW)

    assert asked == (None if seconds is None else timedelta(seconds=seconds))


def test_410_disables_the_client(delivery):
    deliver(an_answer(410))

    client = delivery.client
    client.refresh_from_db()
    assert (client.status, client.disabled_reason) == ("disabled", "gone")
    assert Delivery.objects.get().status == "pending"


def failed_on(delivery, failing_since, days, error="timeout"):
    """Attempts failed in the middle of these days since the first failure, twice on each."""
    for day in (*days, *days):
        started_at = failing_since + timedelta(days=day, hours=12)
        Attempt.objects.create(delivery=delivery, started_at=started_at, duration_ms=1, error=error)


@pytest.mark.parametrize(
    ("days", "error", "found"),
    [
        ((), "timeout", {0, 5}),
        ((0, 1), "timeout", {0, 1, 5}),
        ((1, 2, 4, 5), "bad_status", {0, 1, 2, 4, 5}),
        ((1, 2, 4), "interrupted", {0, 5}),
        ((1, 2, 4), None, {0, 5}),
        ((-2, -1), "timeout", {0, 5}),
    ],
)
def test_days_of_failures_are_counted_from_the_first(delivery, make_client, days, error, found):
    client = delivery.client
    client.failing_since = NOW
    failed_on(delivery, NOW, days, error)
    an_event().save()
    other = make_client("csv", slug="other")
    assert other.deliveries.newest_failure(NOW, NOW + timedelta(days=9)) is None

    assert client.failed_days(NOW + timedelta(days=5, hours=13)) == found


@pytest.mark.parametrize(
    ("failing_for", "status"), [(timedelta(days=4, hours=23), "active"), (timedelta(days=5), "disabled")]
)
def test_five_days_of_failures_disable_the_client(delivery, failing_for, status):
    client = delivery.client
    client.failing_since = timezone.now() - failing_for
    client.save()
    failed_on(delivery, client.failing_since, days=(1, 2))

    deliver(an_answer(500))

    client.refresh_from_db()
    assert client.status == status
    assert client.disabled_reason == ("failing" if status == "disabled" else None)


def test_a_success_clears_the_failure_clock(delivery):
    client = delivery.client
    client.failing_since = timezone.now() - timedelta(days=6)
    client.save()

    deliver(an_answer(200))

    client.refresh_from_db()
    assert (client.status, client.failing_since) == ("active", None)


def record(delivery, answer, at=NOW, jitter=1.0):
    """Claims the delivery and records this answer at the given time."""
    Delivery.objects.update(next_attempt_at=delivery.created_at)
    (claimed,) = Delivery.objects.claim_due(1, {})
    with (
        mock.patch("django.utils.timezone.now", return_value=at),
        mock.patch("random.uniform", return_value=jitter) as uniform,
    ):
        Delivery.objects.record([finished(claimed, at, answer)])
    delivery.refresh_from_db()
    return uniform


@pytest.mark.parametrize(
    ("failed", "seconds"), [(0, 5), (1, 300), (2, 1800), (3, 7200), (4, 18000), (5, 36000), (6, 36000)]
)
def test_each_failure_waits_longer(delivery, failed, seconds):
    Delivery.objects.update(attempts_this_round=failed)

    record(delivery, an_answer(500))

    assert delivery.next_attempt_at == NOW + timedelta(seconds=seconds)
    assert delivery.attempts_this_round == failed + 1
    assert (delivery.lease_token, delivery.leased_until) == (None, None)


def test_a_wait_is_a_fifth_longer_or_shorter(delivery):
    uniform = record(delivery, an_answer(500), jitter=1.2)

    assert uniform.call_args.args == (0.8, 1.2)
    assert delivery.next_attempt_at == NOW + timedelta(seconds=6)


@pytest.mark.parametrize(
    ("asked", "waited"), [("1", 330), ("331", 331), ("660", 660), ("661", 660), ("86400", 660), ("soon", 330)]
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_lengthens_a_wait_up_to_twice_as_long(delivery, status, asked, waited):
    Delivery.objects.update(attempts_this_round=1)

    record(delivery, an_answer(status, retry_after=asked), jitter=1.1)

    assert delivery.next_attempt_at == NOW + timedelta(seconds=waited)


def test_retry_after_does_not_count_for_another_status(delivery):
    record(delivery, an_answer(500, retry_after="9"))

    assert delivery.next_attempt_at == NOW + timedelta(seconds=5)


def test_the_eighth_failure_is_the_last_even_with_a_retry_after(delivery):
    Delivery.objects.update(attempts_this_round=7)

    record(delivery, an_answer(503, retry_after="7"))

    assert (delivery.status, delivery.next_attempt_at, delivery.lease_token) == ("dead", None, None)


def test_410_disables_the_client_even_with_the_last_attempt(delivery):
    Delivery.objects.update(attempts_this_round=7)

    record(delivery, an_answer(410, error="too_large"))

    delivery.client.refresh_from_db()
    assert (delivery.status, delivery.client.disabled_reason) == ("dead", "gone")


def test_410_does_not_change_the_reason_of_a_client_that_is_disabled_already(delivery):
    (claimed,) = Delivery.objects.claim_due(1, {})
    delivery.client.disable("operator")

    Delivery.objects.record([finished(claimed, NOW, an_answer(410))])

    delivery.client.refresh_from_db()
    assert delivery.client.disabled_reason == "operator"


def test_the_first_failure_starts_the_clock_and_the_next_does_not_restart_it(delivery):
    record(delivery, an_answer(500), at=NOW)
    record(delivery, an_answer(500), at=NOW + timedelta(hours=1))

    delivery.client.refresh_from_db()
    assert delivery.client.failing_since == NOW


@pytest.mark.parametrize(("later", "status"), [(timedelta(0), "disabled"), (-timedelta(seconds=1), "active")])
def test_a_failure_five_days_after_the_first_disables_the_client(delivery, later, status):
    record(delivery, an_answer(500), at=NOW)
    failed_on(delivery, NOW, days=(1, 2))
    record(delivery, an_answer(500), at=NOW + timedelta(days=5) + later)

    delivery.client.refresh_from_db()
    assert delivery.client.status == status


def test_a_success_counts_its_attempt(delivery):
    Delivery.objects.update(attempt_count=3, attempts_this_round=3)

    record(delivery, an_answer(204))

    assert (delivery.status, delivery.attempt_count, delivery.attempts_this_round) == ("delivered", 4, 4)


def test_answers_of_one_batch_are_taken_in_their_order(make_client):
    make_client()
    an_event().save()
    an_event().save()
    first, second = Delivery.objects.claim_due(2, {})

    Delivery.objects.record([finished(first, NOW, an_answer(500)), finished(second, NOW, an_answer(200))])

    client = first.client
    client.refresh_from_db()
    assert client.failing_since is None
    assert Delivery.objects.filter(status="delivered").get() == second
