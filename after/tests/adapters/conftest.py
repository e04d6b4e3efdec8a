import signal
from dataclasses import replace

import pytest
from django.apps import apps

from plumbing import secret_storage
from tests.fakes import FakeSender
from tests.serving import server
from tests.web import _static_files_on_demand, admin_page, delivery, make_client, operator
from webhooks.process import use_cases

__all__ = ["_static_files_on_demand", "admin_page", "delivery", "make_client", "operator", "server"]


@pytest.fixture(autouse=True)
def _composed():
    """Gives back the use cases that a test put in the place of the server's."""
    installed = use_cases()
    yield
    apps.get_app_config("webhooks").use_cases = installed


@pytest.fixture
def sender():
    """Everything is as on a server, except the sender."""
    fake = FakeSender(opens=secret_storage.unseal)
    installed = use_cases()
    apps.get_app_config("webhooks").use_cases = replace(
        installed, deliver_due=replace(installed.deliver_due, sender=fake)
    )
    return fake


@pytest.fixture(autouse=True)
def _signal_handlers():
    """Gives back the handlers that a worker replaced."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
