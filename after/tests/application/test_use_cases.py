"""The one place from which a driver of the server imports."""

import webhooks.application


def test_everything_that_is_promised_is_there():
    assert [name for name in webhooks.application.__all__ if not hasattr(webhooks.application, name)] == []
