"""The `Clock` port."""

from datetime import UTC, timedelta

import pytest

from tests.fakes import FakeClock
from webhooks.adapters.clock import SystemClock


@pytest.fixture(params=[FakeClock, SystemClock], ids=["fake", "real"])
def clock(request):
    return request.param()


def test_it_is_aware_and_in_utc(clock):
    now = clock.now()

    assert now.utcoffset() == timedelta(0)
    assert now == now.astimezone(UTC)


def test_it_never_goes_back(clock):
    first = clock.now()

    assert clock.now() >= first
