"""The `Randomness` port."""

import re

import pytest

from tests.fakes import FakeRandomness
from webhooks.adapters.randomness import SystemRandomness

ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"


@pytest.fixture(params=["fake", "fake that leans back", "fake that leans forward", "real"])
def randomness(request):
    return {
        "fake": FakeRandomness(),
        "fake that leans back": FakeRandomness(leans=-1),
        "fake that leans forward": FakeRandomness(leans=1),
        "real": SystemRandomness(),
    }[request.param]


def test_ids_are_a_prefix_and_a_ulid(randomness):
    assert re.fullmatch(f"evt_{ULID}", randomness.event_id())
    assert re.fullmatch(f"dlv_{ULID}", randomness.delivery_id())


def test_no_id_and_no_token_comes_twice(randomness):
    made = [make() for make in (randomness.event_id, randomness.delivery_id, randomness.lease_token) for _ in range(99)]

    assert len(set(made)) == len(made)


def test_a_token_has_32_characters(randomness):
    assert re.fullmatch("[0-9a-f]{32}", randomness.lease_token())


@pytest.mark.parametrize("jitter", [0, 0.2, 0.5])
def test_a_stretch_is_within_the_jitter(randomness, jitter):
    factors = [randomness.jitter_factor(jitter) for _ in range(200)]

    assert all(1 - jitter <= factor <= 1 + jitter for factor in factors)


def test_the_machines_stretches_are_spread_over_the_whole_range():
    factors = [SystemRandomness().jitter_factor(0.2) for _ in range(2000)]

    assert min(factors) < 0.85 and max(factors) > 1.15
    assert 0.98 < sum(factors) / len(factors) < 1.02
