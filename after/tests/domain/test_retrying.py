from datetime import timedelta

import pytest

from tests.builders import NOW
from webhooks.domain.retrying import RETRIES, RetryPolicy


def test_a_round_has_eight_attempts_over_about_a_day():
    waits = [RETRIES.next_attempt_at(failed, NOW, 1.0) - NOW for failed in range(1, 8)]

    assert RETRIES.attempts == 8
    assert [wait.total_seconds() for wait in waits] == [5, 300, 1800, 7200, 18000, 36000, 36000]


def test_the_eighth_failure_is_the_last():
    assert not RETRIES.is_exhausted(7)
    assert RETRIES.is_exhausted(8)
    assert RETRIES.is_exhausted(9)


def test_a_wait_may_be_a_fifth_longer_or_shorter():
    assert RETRIES.jitter == 0.2


@pytest.mark.parametrize("jitter_factor, seconds", [(0.8, 240), (1.0, 300), (1.2, 360)])
def test_a_wait_is_stretched(jitter_factor, seconds):
    assert RETRIES.next_attempt_at(2, NOW, jitter_factor) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "asked_for, seconds", [(-1, 300), (0, 300), (299, 300), (301, 301), (600, 600), (601, 600), (10**9, 600)]
)
def test_a_client_may_ask_for_up_to_twice_the_wait_and_for_no_less(asked_for, seconds):
    planned = RETRIES.next_attempt_at(2, NOW, 1.0, timedelta(seconds=asked_for))

    assert planned == NOW + timedelta(seconds=seconds)


def test_twice_the_wait_means_twice_the_wait_with_jitter():
    assert RETRIES.next_attempt_at(2, NOW, 1.2, timedelta(hours=1)) == NOW + timedelta(seconds=720)
    assert RETRIES.next_attempt_at(2, NOW, 1.2, timedelta(seconds=301)) == NOW + timedelta(seconds=360)


def test_another_policy_has_its_own_waits():
    impatient = RetryPolicy(waits=[timedelta(seconds=1)])

    assert impatient.attempts == 2
    assert impatient.is_exhausted(2)
    assert not impatient.is_exhausted(1)
