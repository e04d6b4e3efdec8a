"""The one place where whoever drives the server finds its use cases."""

import pytest

import webhooks.application
from webhooks.application import install, use_cases


@pytest.fixture
def nothing_installed():
    """A process that has not started yet; gives back what was installed."""
    installed = list(webhooks.application._installed)
    webhooks.application._installed.clear()
    yield
    webhooks.application._installed[:] = installed


def test_before_the_start_there_are_none(nothing_installed):
    with pytest.raises(RuntimeError, match=r"installed by webhooks\.apps when Django starts"):
        use_cases()


def test_the_last_that_were_installed_are_used(nothing_installed):
    first, second = object(), object()

    install(first)
    install(second)

    assert use_cases() is second


def test_everything_that_is_promised_is_there():
    assert [name for name in webhooks.application.__all__ if not hasattr(webhooks.application, name)] == []
