from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest

from plumbing.outbound import Answer
from webhooks.models import Attempt, Delivery
from webhooks.worker import Worker

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def deliver(answer):
    """Runs the worker once against an endpoint that answers so."""
    with mock.patch("webhooks.worker.GuardedClient") as http:
        http.return_value.post.return_value = answer
        Worker(concurrency=2).run(once=True)
    return http.return_value.post


def an_answer(status=500, body=b""):
    return Answer(status, {}, body, None, 12)


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


def record(delivery, answer, at=NOW, jitter=1.0):
    """Claims the delivery and records this answer at that time."""
    Delivery.objects.update(next_attempt_at=delivery.created_at)
    (claimed,) = Delivery.objects.claim_due(1)
    with (
        mock.patch("django.utils.timezone.now", return_value=at),
        mock.patch("random.uniform", return_value=jitter) as uniform,
    ):
        Delivery.objects.record([(claimed, at, answer)])
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


def test_a_success_counts_its_attempt(delivery):
    Delivery.objects.update(attempt_count=3, attempts_this_round=3)

    record(delivery, an_answer(204))

    assert (delivery.status, delivery.attempt_count, delivery.attempts_this_round) == ("delivered", 4, 4)
