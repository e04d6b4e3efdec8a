import io
import json
import logging
import signal
import threading

import pytest
from django.test import override_settings
from model_bakery import baker
from rest_framework.test import APIClient

from clients.models import ApiKey, Client
from plumbing.logs import logging_config
from webhooks.models import Delivery

from .endpoint import Server
from .factories import an_event


@pytest.fixture
def operator(db):
    """The API, called with an operator key."""
    _, key = ApiKey.objects.issue(ApiKey.Role.OPERATOR)
    return api_client(key)


@pytest.fixture
def make_client(db):
    """Makes a client of a format: `make_client("csv", timezone="Asia/Kolkata")`."""

    def make(format_name="std_json", version=1, slug="acme", **options):
        client = baker.prepare(
            Client,
            slug=slug,
            name=slug,
            endpoint_url=f"https://{slug}.example/hooks",
            event_types=["*"],
            format_name=format_name,
            format_version=version,
            format_options=options,
        )
        client.new_signing_secret()
        client.save()
        return client

    return make


@pytest.fixture
def delivery(make_client):
    """The pending delivery of one event to one client."""
    make_client()
    an_event().save()
    return Delivery.objects.get()


@pytest.fixture
def server():
    """A client's endpoint that really listens, on this machine."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def log_lines():
    """Returns what was logged since the test began, as it is written to stderr and read back."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    formatter = dict(logging_config()["formatters"]["line"])
    handler.setFormatter(formatter.pop("()")(**formatter))
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="session", autouse=True)
def _static_files_on_demand():
    """No static files: Whitenoise would read them all again for the client of each test."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True)
def _signal_handlers():
    """Gives back the handlers that a worker replaced."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def api_client(key):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    client.default_format = "json"
    return client


def api_of(client):
    """The API, called with a key of this client."""
    return api_client(ApiKey.objects.issue(ApiKey.Role.CLIENT, client)[1])


def pointers(response):
    return [error["pointer"] for error in response.json()["errors"]]
